from __future__ import annotations

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.names import Key
from leukoscope.evaluation.spread import spreads
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Units

TWO = Classes(("hem", "all"))
RECALL: Key = ("all", "recall")
OTHER: Key = ("hem", "recall")
BALANCED: Key = (None, "balanced_accuracy")


def tallies(right: list[list[int]], cells: int = 10) -> Tallies:
    """Patients of equal numbers of cells; of each class the cells of each patient that are called right."""
    truth = np.repeat([place for place, patients in enumerate(right) for _ in patients], cells)
    number = sum(len(patients) for patients in right)
    wrong = np.concatenate([np.arange(cells) >= one for patients in right for one in patients])
    units = Units(np.repeat(np.arange(number), cells), truth[::cells], np.full(number, cells), "patient")
    return Tallies(Material(truth, np.where(wrong, 1 - truth, truth), None, TWO, units))


def test_the_deviation_of_a_mean_is_its_standard_error() -> None:
    right = [[3, 5, 8, 6, 9, 7], [4, 8, 9, 2, 6]]
    found = spreads(tallies(right), [OTHER, RECALL], replicates=20_000, seed=0)
    for key, shares in zip((OTHER, RECALL), right, strict=True):
        error = np.std(np.array(shares) / 10, ddof=1) / np.sqrt(len(shares))
        assert found[key].plain == pytest.approx(error, rel=0.03)


def test_each_class_has_the_degrees_of_freedom_of_its_own_patients() -> None:
    found = spreads(tallies([[3, 5, 8, 6, 9, 7], [4, 8, 9, 2]]), [OTHER, RECALL, BALANCED], replicates=2000, seed=0)
    assert found[OTHER].freedom == pytest.approx(5, abs=0.2)
    assert found[RECALL].freedom == pytest.approx(3, abs=0.2)
    assert 3 < found[BALANCED].freedom < 8


def test_satterthwaites_freedom_of_two_equal_classes_is_their_sum() -> None:
    found = spreads(tallies([[3, 5, 8, 6, 9, 7], [3, 5, 8, 6, 9, 7]]), [BALANCED], replicates=5000, seed=0)
    assert found[BALANCED].freedom == pytest.approx(10, abs=0.5)


def test_very_many_units_are_not_counted_one_by_one() -> None:
    random = np.random.default_rng(0)
    many = [random.integers(2, size=250).tolist(), random.integers(2, size=300).tolist()]
    assert spreads(tallies(many, cells=1), [RECALL], replicates=100, seed=0)[RECALL].freedom == 249
