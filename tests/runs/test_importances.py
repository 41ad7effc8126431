from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.facts import targets
from leukoscope.models.measures import DESCRIBED
from leukoscope.runs.importances import importances_table
from leukoscope.training.named_importance import NamedImportance

NAMES = ("log_cell_area", "nucleus_to_cell")


@pytest.mark.parametrize("names", [("all", "hem"), ("hem", "all")])
def test_means_are_those_of_their_class_wherever_the_positive_one_stands(names: tuple[str, str]) -> None:
    classes = Classes(names, positive="all")
    truth = targets(pl.Series(["all", "hem", "all"]), classes)
    table = importances_table(
        [NamedImportance(NAMES[0], 0.1, 0.01)], np.array([[1.0], [7.0], [3.0]]), NAMES[:1], truth, classes
    )
    assert table.select("mean_all", "mean_hem").row(0) == (2.0, 7.0)


def test_each_measure_has_its_meaning_and_its_mean_in_each_class() -> None:
    found = [NamedImportance("network", 0.3, 0.1), *(NamedImportance(name, 0.1, 0.01) for name in NAMES)]
    measured = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]])
    table = importances_table(found, measured, NAMES, np.array([0, 0, 1]), Classes(("hem", "all")))
    area = DESCRIBED["log_cell_area"]
    assert table.rows()[:2] == [
        ("network", "All features of the network together.", "", 0.3, 0.1, None, None),
        ("log_cell_area", area.meaning, area.unit, 0.1, 0.01, 2.0, 5.0),
    ]
    assert table.columns[5:] == ["mean_hem", "mean_all"]
    assert table["mean_hem"].to_list() == [None, 2.0, 15.0]
