from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.drift import (
    DRIFT_SCHEMA,
    SHARES_SCHEMA,
    answers_in_short,
    aspect_of,
    drift_table,
    pictures_in_short,
    shares_table,
)
from leukoscope.pictures.facts import SCHEMA
from leukoscope.predictions.table import Predictions

CLASSES = Classes(("hem", "all"))


def pictures(brightness: float, number: int = 30, **further: Any) -> pl.DataFrame:
    """Return a pictures table of pictures in a smear, about as bright as is asked for."""
    levels = brightness + np.linspace(-5, 5, number)
    columns: dict[str, Any] = {
        "id": [f"{brightness}-{row}" for row in range(number)], "bytes": [2048] * number, "format": ["JPEG"] * number,
        "mode": ["RGB"] * number, "width": [450] * number, "height": [450] * number,
        "black_background": [False] * number,
        "brightness": levels, "contrast": [20.0] * number, "background_share": [0.5] * number,
        **dict.fromkeys(("mean_red", "mean_green", "mean_blue"), levels),
        **dict.fromkeys(("background_red", "background_green", "background_blue"), levels + 20),
    }  # fmt: skip
    schema = {"id": pl.String(), **SCHEMA}
    return pl.DataFrame({**{name: [None] * number for name in schema}, **columns, **further}, schema=schema)


def answers(shares: list[float], labels: list[str | None]) -> Predictions:
    table = pl.DataFrame({"id": [str(row) for row in range(len(shares))], "label": labels, "p_all": shares})
    return Predictions(table.with_columns(p_hem=1 - pl.col("p_all")), CLASSES)


def row(table: pl.DataFrame, name: str) -> dict[str, Any]:
    return table.row(by_predicate=pl.col("name") == name, named=True)


def test_pictures_in_short() -> None:
    found = pictures_in_short(pictures(150))
    assert found["number"] == 30
    assert found["kinds"] == {"JPEG RGB": 1.0}
    assert "cell_size" not in found["aspects"]  # none lies on black
    light = aspect_of(found, "background_brightness")
    assert light is not None
    assert light.mean == pytest.approx(170)
    assert aspect_of(found, "cell_size") is None
    assert aspect_of(None, "brightness") is None


def test_answers_in_short() -> None:
    found = answers_in_short(answers([0.9, 0.8, 0.2, 0.4], ["all", "all", "hem", None]), 0.3)
    assert (found["number"], found["unit"]) == (4, "cell")
    assert found["labels"] == {"hem": pytest.approx(1 / 3), "all": pytest.approx(2 / 3)}
    assert found["called"] == {"hem": 0.25, "all": 0.75}
    sure, positive = aspect_of(found, "confidence"), aspect_of(found, "positive")
    assert sure is not None
    assert positive is not None
    assert sure.quantiles[0] == 0.4  # called all from 0.3 on
    assert positive.mean == pytest.approx(0.575)


def test_several_classes_have_no_positive_one() -> None:
    table = pl.DataFrame({"id": ["x"], "label": ["c"], "p_a": [0.1], "p_b": [0.2], "p_c": [0.7]})
    found = answers_in_short(Predictions(table, Classes(("a", "b", "c"))), None)
    assert list(found["aspects"]) == ["confidence"]
    assert found["called"] == {"a": 0.0, "b": 0.0, "c": 1.0}


def test_the_table_of_drift_holds_here_against_training_and_the_test_part_beside_it() -> None:
    parts = {"train": pictures_in_short(pictures(150)), "test": pictures_in_short(pictures(151))}
    home = answers_in_short(answers([0.1, 0.2, 0.8, 0.9], ["hem", "hem", "all", "all"]), 0.5)
    here = answers_in_short(answers([0.5, 0.6, 0.95, 0.99], ["hem", "hem", "all", "all"]), 0.5)
    table = drift_table({**parts, "here": pictures_in_short(pictures(120))}, {"test": home, "here": here})
    assert dict(table.schema) == DRIFT_SCHEMA
    light = row(table, "brightness")
    assert (light["gap"], light["judgement"]) == (1.0, "far otherwise")
    assert light["test_gap"] < 0.2
    assert light["standardised"] < -5
    assert light["stability_index"] is None
    assert row(table, "width")["gap"] == 0
    assert row(table, "width")["judgement"] == "alike"
    said = row(table, "positive")
    assert said["train_mean"] is None
    assert said["test_gap"] is None
    assert said["stability_index"] > 0.25


def test_a_gap_that_is_no_larger_than_at_home_is_no_news() -> None:
    parts = {"train": pictures_in_short(pictures(150)), "test": pictures_in_short(pictures(140))}
    known = answers_in_short(answers([0.1, 0.9], ["hem", "all"]), 0.5)
    table = drift_table({**parts, "here": pictures_in_short(pictures(145))}, {"test": known, "here": known})
    light = row(table, "brightness")
    assert light["test_gap"] >= light["gap"] > 0.4
    assert light["judgement"] == "no more than at home"
    assert row(table, "width")["judgement"] == "alike"


def test_what_is_not_known_at_home_is_not_judged() -> None:
    here, said = pictures_in_short(pictures(120)), answers_in_short(answers([0.5, 0.6], ["hem", "all"]), 0.5)
    table = drift_table({"train": None, "test": None, "here": here}, {"test": None, "here": said})
    assert table["judgement"].null_count() == table.height > 0
    assert row(table, "brightness")["here_mean"] == pytest.approx(120)


def test_the_table_of_shares() -> None:
    mixed = pictures(120, format=["JPEG"] * 15 + ["PNG"] * 15)
    parts = {"train": pictures_in_short(pictures(150)), "test": None, "here": pictures_in_short(mixed)}
    said = answers_in_short(answers([0.5, 0.6, 0.1, 0.2], ["hem", "hem", "hem", "all"]), 0.5)
    table = shares_table(parts, {"test": None, "here": said})
    assert dict(table.schema) == SHARES_SCHEMA
    assert table.rows() == [
        ("kind", "JPEG RGB", 1.0, None, 0.5),
        ("kind", "PNG RGB", 0.0, None, 0.5),
        ("label", "hem", None, None, 0.75),
        ("label", "all", None, None, 0.25),
        ("called", "hem", None, None, 0.5),
        ("called", "all", None, None, 0.5),
    ]
