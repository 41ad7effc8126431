from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.mistakes import judge
from leukoscope.predictions.table import Predictions


def test_each_model_calls_at_its_own_threshold(judged: Any) -> None:
    found = judged([[0.4, 0.6], [0.4, 0.6]], [1, 0], thresholds=[0.3, 0.7])
    assert found.calls.tolist() == [[1, 1], [0, 0]]
    assert found.wrong.tolist() == [[False, True], [True, False]]
    assert found.missed_by.tolist() == [1, 1]
    np.testing.assert_allclose(found.of_truth, [[0.4, 0.4], [0.4, 0.4]])
    np.testing.assert_allclose(found.of_call, [[0.4, 0.6], [0.6, 0.4]])


def test_calls_that_a_table_brings_along_count(said: Any) -> None:
    own = said([0.9, 0.9], [1, 1])
    table = own.table.with_columns(called=pl.Series(["hem", None], dtype=pl.String)).sort("id", descending=True)
    found = judge({"a": Predictions(table, own.classes)}, {"a": None})
    assert found.calls.tolist() == [[0, 1]]


def test_more_than_two_classes_are_called_by_the_most_probable() -> None:
    table = pl.DataFrame(
        {"id": ["x"], "label": ["b"], "p_a": [0.3], "p_b": [0.3], "p_c": [0.4], "part": ["test"], "patient": ["P"]}
    )
    found = judge({"m": Predictions(table, Classes(("a", "b", "c")))}, {"m": None})
    assert (found.calls.tolist(), found.wrong.tolist(), found.of_truth.tolist()) == ([[2]], [[True]], [[0.3]])


def test_predictions_of_patients_are_refused(said: Any) -> None:
    table = said([0.9], [1], ["P"]).table.with_columns(id=pl.lit("P"))
    with pytest.raises(DataError) as raised:
        judge({"m": Predictions(table, Classes(("hem", "all")), "patient")}, {"m": 0.5})
    assert str(raised.value) == "These models tell patients as a whole, and errors are looked at cell by cell."


def test_cells_without_any_label_are_refused(said: Any) -> None:
    own = said([0.9], [1])
    bare = Predictions(own.table.with_columns(label=pl.lit(None, pl.String)), own.classes)
    with pytest.raises(DataError) as raised:
        judge({"m": bare}, {"m": 0.5})
    assert str(raised.value) == "No cell has a label, so nobody can say which is missed."
