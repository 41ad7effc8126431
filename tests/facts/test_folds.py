from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.facts.folds import fewest_groups, patient_folds


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), folds=st.integers(2, 6), pairs=st.integers(0, 6))
def test_linked_patients_share_a_fold_and_each_fold_has_each_class(seed: int, folds: int, pairs: int) -> None:
    truth = np.arange(40) % 2
    groups = [f"G{place % 20 if place % 20 < pairs else place}" for place in range(40)]
    fold = patient_folds(truth, groups, folds, seed)
    assert all(len({fold[place] for place in range(40) if groups[place] == name}) == 1 for name in groups)
    assert all(set(truth[fold == one]) == {0, 1} for one in range(folds))


def test_folds_do_not_depend_on_the_order_of_the_patients_but_on_the_seed() -> None:
    truth, groups = np.arange(30) % 2, [f"P{place}" for place in range(30)]
    fold = patient_folds(truth, groups, 3, 1)
    order = np.random.default_rng(0).permutation(30)
    assert np.array_equal(patient_folds(truth[order], [groups[place] for place in order], 3, 1), fold[order])
    assert not np.array_equal(patient_folds(truth, groups, 3, 2), fold)


def test_a_rare_class_makes_fewer_folds_and_a_lonely_one_none() -> None:
    truth, groups = np.array([0, 0, 0, 1, 1]), list("abcde")
    assert set(patient_folds(truth, groups, 5, 0).tolist()) == {0, 1}
    assert fewest_groups(truth, list("abcdd")) == 1
    with pytest.raises(DataError) as caught:
        patient_folds(truth, list("abcdd"), 5, 0)
    assert str(caught.value) == (
        "Predictions out of fold need patients of two linked groups of each class, or more.\n"
        "  what to do: Train on more patients."
    )
