from __future__ import annotations

import numpy as np
import pytest

from leukoscope.errors import DataError
from leukoscope.training.head_folds import alone_in_a_fold, deal_cells


def test_groups_stay_whole_and_each_class_is_on_each_side() -> None:
    truth = np.repeat(np.arange(20) % 2, 3)
    groups = [f"P{place // 3}" for place in range(60)]
    fold = deal_cells(truth, groups, ["hem", "all"], 2**70)
    assert sorted(set(fold.tolist())) == [0, 1, 2, 3, 4]
    assert all(len(set(fold[3 * patient : 3 * patient + 3].tolist())) == 1 for patient in range(20))
    assert alone_in_a_fold(truth, fold) == []


def test_a_class_without_cells_is_named() -> None:
    with pytest.raises(DataError) as caught:
        deal_cells(np.array([0, 0, 3]), ["a", "b", "c"], ["a", "b", "c", "d"], 0)
    assert str(caught.value) == (
        "There is no cell to learn from of class b, c.\n"
        "  what to do: Learn from cells of each class, or leave the class out of the data."
    )


def test_a_class_that_falls_into_one_fold_is_named() -> None:
    # Both groups with cells of the third class go into one fold, so that the folds are of about the same size.
    cells = {"a": [2, 5, 1], "b": [2, 100, 0], "c": [1, 0, 100]}
    groups = [name for name, own in cells.items() for _ in range(sum(own))]
    truth = np.concatenate([np.repeat(np.arange(3), own) for own in cells.values()])
    with pytest.raises(DataError) as caught:
        deal_cells(truth, groups, ["hem", "all", "aml"], 0)
    assert str(caught.value) == (
        "Class aml: all cells fell into one of 2 folds, and without it there are none to learn from.\n"
        "  what to do: Learn from more patients of such classes, or deal them otherwise (seed: 1)."
    )
