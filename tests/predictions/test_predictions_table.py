from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.predictions import Predictions

TWO = Classes(("hem", "all"))
SHARES = {"id": ["a", "b"], "p_hem": [0.25, 1.0], "p_all": [0.75, 0.0]}


def test_missing_columns_are_added_as_null() -> None:
    table = Predictions(pl.DataFrame(SHARES), TWO).table
    assert table.columns[:8] == ["id", "patient", "group", "part", "label", "patient_label", "called", "run"]
    assert table["patient"].to_list() == [None, None]


def test_predictions_print_what_they_are() -> None:
    shares = Predictions(pl.DataFrame(SHARES | {"label": ["all", None]}), TWO)
    assert repr(shares) == "Predictions of 2 cells (1 with label), probabilities: hem, all"
    calls = Predictions(pl.DataFrame({"id": ["a"], "called": ["hem"]}), TWO)
    assert repr(calls) == "Predictions of 1 cell (0 with label), called classes only: hem, all"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_saved_table_comes_back(tmp_path: Path, ending: str) -> None:
    made = Predictions(pl.DataFrame(SHARES | {"label": ["all", None]}), TWO)
    made.save(tmp_path / f"p.{ending}")
    assert Predictions.load(tmp_path / f"p.{ending}", TWO).table.equals(made.table)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": ["a"]}, "The predictions lack the column 'id'; they have: name."),
        (
            SHARES | {"p_all": [0.7, 0.0]},
            "Probabilities must be numbers from 0 to 1 that sum to 1; found [0.25, 0.7].\n  where: id a",
        ),
        (
            SHARES | {"p_all": [0.75, float("nan")]},
            "Probabilities must be numbers from 0 to 1 that sum to 1; found [1.0, nan].\n  where: id b",
        ),
        (
            {"id": ["a", "b"], "called": ["hem", None]},
            "A row has neither probabilities nor a predicted class.\n  where: id b",
        ),
        (SHARES | {"label": ["x", "y"]}, "The label 'x' is none of the classes hem, all.\n  where: id a (and 1 more)"),
        (SHARES | {"called": ["hem", "y"]}, "The called 'y' is none of the classes hem, all.\n  where: id b"),
    ],
)
def test_a_table_that_is_wrong_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        Predictions(pl.DataFrame(table), TWO)
    assert str(caught.value) == message
