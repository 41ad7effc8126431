from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from leukoscope.errors import DataError, SettingsError
from leukoscope.facts.encoding import FactsEncoder


def test_columns_their_names_and_their_sources_go_together(people: pl.DataFrame, inputs: dict[str, str]) -> None:
    encoder = FactsEncoder.fit(people, inputs)
    encoded = encoder.encode(people)
    assert encoder.names == ("age", "age missing", "log count", "count missing", "sex=F", "sex=M", "sex missing")
    assert encoder.sources == ("age", "age", "count", "count", "sex", "sex", "sex")
    assert encoded.shape == (40, 7)
    assert encoded.dtype == np.float32


def test_a_patients_facts_depend_on_no_other_patient(people: pl.DataFrame, inputs: dict[str, str]) -> None:
    encoder = FactsEncoder.fit(people, inputs)
    whole = encoder.encode(people)
    assert all(np.array_equal(encoder.encode(people[[row]])[0], whole[row]) for row in range(people.height))


def test_an_encoder_goes_through_json_without_a_change(people: pl.DataFrame, inputs: dict[str, str]) -> None:
    encoder = FactsEncoder.fit(people, inputs)
    again = FactsEncoder.from_json(json.loads(json.dumps(encoder.as_json())))
    assert again == encoder
    assert np.array_equal(again.encode(people), encoder.encode(people))


def test_without_inputs_there_are_no_columns(people: pl.DataFrame) -> None:
    encoder = FactsEncoder.fit(people, {})
    assert encoder.encode(people).shape == (40, 0)
    assert encoder.names == ()


def test_a_bundle_takes_patients_whose_facts_are_all_missing(people: pl.DataFrame, inputs: dict[str, str]) -> None:
    nothing = people.head(1).with_columns(pl.lit(None).alias(name) for name in inputs)
    encoder = FactsEncoder.fit(people, inputs)
    assert encoder.encode(nothing)[0, [1, 3, 6]].tolist() == [1, 1, 1]
    assert [remark.fact for remark in encoder.remarks(nothing)] == ["age", "count", "sex"]


def test_an_unknown_scale_gets_the_known_ones(people: pl.DataFrame) -> None:
    with pytest.raises(SettingsError) as caught:
        FactsEncoder.fit(people, {"age": "liner"})
    assert str(caught.value) == (
        "There is no scale 'liner'.\n  where: facts.inputs.age\n"
        "  what to do: Did you mean 'linear'? Known: category, linear, log."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"format": 2, "facts": []}, "These facts are of format 2; this program reads 1."),
        ({"format": 1}, "These are no facts' settings: 'facts' is missing or wrong."),
    ],
)
def test_other_json_is_refused(value: dict[str, object], text: str) -> None:
    with pytest.raises(DataError) as caught:
        FactsEncoder.from_json(value)
    assert str(caught.value) == text
