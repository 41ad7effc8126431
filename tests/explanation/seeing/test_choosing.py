from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.explanation.seeing import choose_cells
from leukoscope.predictions.table import Predictions

CLASSES = Classes(("hem", "all"))
ROWS = {
    "a": ("all", 0.95),
    "b": ("all", 0.10),
    "c": ("hem", 0.99),
    "d": ("hem", 0.02),
    "e": ("hem", 0.45),
    "f": ("all", 0.70),
}


def predictions(rows: dict[str, tuple[str | None, float]]) -> Predictions:
    positive = np.array([value for _, value in rows.values()])
    labels = pl.Series([label for label, _ in rows.values()], dtype=pl.String)
    table = pl.DataFrame({"id": list(rows), "label": labels, "p_hem": 1 - positive, "p_all": positive})
    return Predictions(table, CLASSES)


def test_the_rule_takes_the_surest_right_the_surest_wrong_and_the_most_doubtful() -> None:
    found = choose_cells(predictions(ROWS), 5)
    assert found.rows() == [
        ("d", "surest right", "hem", "hem"),
        ("a", "surest right", "all", "all"),
        ("c", "surest wrong", "hem", "all"),
        ("b", "surest wrong", "all", "hem"),
        ("e", "most doubtful", "hem", "hem"),
    ]
    assert set(choose_cells(predictions(ROWS), 3)["id"]) == {"e", "d", "c"}
    assert choose_cells(predictions(ROWS), 100).height == 6


def test_doubt_is_counted_from_the_threshold() -> None:
    assert choose_cells(predictions(ROWS), 1, threshold=0.68)["id"].to_list() == ["f"]


def test_equals_go_by_their_name_and_cells_without_label_are_left_out() -> None:
    rows = {"y": ("all", 0.9), "x": ("all", 0.9), "n": (None, 0.5)}
    found = choose_cells(predictions(rows), 2)
    assert found["id"].to_list() == ["y", "x"] or found["id"].to_list() == ["x", "y"]
    assert "n" not in choose_cells(predictions(rows), 9)["id"].to_list()
    assert choose_cells(predictions(rows), 1)["id"].to_list() == ["x"]


def test_what_cannot_be_chosen_is_said() -> None:
    with pytest.raises(SettingsError) as caught:
        choose_cells(predictions(ROWS), 0)
    assert str(caught.value) == "At least 1 cell must be looked at; got 0.\n  where: number"
    with pytest.raises(DataError) as empty:
        choose_cells(predictions({"n": (None, 0.5)}), 3)
    assert str(empty.value) == (
        "No cell has both a probability and a label.\n  what to do: Name the cells to look at (--cells)."
    )
