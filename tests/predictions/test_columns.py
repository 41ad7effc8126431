from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.predictions.columns import NAMES, recognise


def table(*names: str) -> pl.DataFrame:
    return pl.DataFrame({name: ["1"] for name in names})


@given(st.sampled_from([(role, name) for role, names in NAMES.items() for name in names]), st.booleans())
def test_each_known_name_is_found_in_either_case(known: tuple[str, str], upper: bool) -> None:
    role, name = known
    column = name.upper() if upper else name
    assert recognise(table("other", column), {}).roles == {role: column}


def test_the_plainest_name_comes_first() -> None:
    assert recognise(table("path", "id", "file"), {}).roles["id"] == "id"
    assert recognise(table("labels", "Label"), {}).roles["label"] == "Label"


def test_what_is_asked_for_comes_before_what_is_recognised() -> None:
    found = recognise(table("id", "file", "x"), {"id": "file", "p_all": "x", "label": "not here"})
    assert found.roles == {"id": "file"}
    assert found.probabilities == {"all": "x"}


def test_probabilities_stand_under_p_or_under_the_class() -> None:
    assert recognise(table("p_a", "p_b"), {}).probabilities == {"a": "p_a", "b": "p_b"}
    assert recognise(table("a", "B"), {}, ["a", "b"]).probabilities == {"a": "a", "b": "B"}
    assert recognise(table("p_positive"), {}).probabilities == {}
