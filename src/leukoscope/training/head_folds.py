"""The folds of a head that is fitted at once, and whether its cells can be dealt into any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leukoscope.errors import DataError
from leukoscope.facts.folds import Ints, patient_folds
from leukoscope.training.head_fitting import FOLDS


def deal_cells(truth: Ints, groups: Sequence[str], names: Sequence[str], seed: int) -> Ints:
    """Deal cells into five folds, linked groups whole, so that each class is learnt from whichever fold is left out.

    It needs labels and groups alone: a run asks before it embeds cells for hours.

    Args:
        truth: (n,) int64, as ``facts.targets`` returns it.
        groups: The linked group of each cell.
        names: What the classes are called, in the order of ``truth``'s numbers.
        seed: Of the deal.

    Returns:
        (n,) int64, the fold of each cell, from 0; fewer than five folds where a class stands in fewer groups.

    Raises:
        DataError: a class has no cell, stands in one linked group alone, or fell into one fold alone.
    """
    missing = [name for place, name in enumerate(names) if not (truth == place).any()]
    if missing:
        raise DataError(
            f"There is no cell to learn from of class {', '.join(missing)}.",
            do="Learn from cells of each class, or leave the class out of the data.",
        )
    fold = patient_folds(truth, groups, FOLDS, seed)
    alone = alone_in_a_fold(truth, fold)
    if alone:
        raise DataError(
            f"Class {', '.join(names[one] for one in alone)}: all cells fell into one of {fold.max() + 1} folds, and "
            "without it there are none to learn from.",
            do="Learn from more patients of such classes, or deal them otherwise (seed: 1).",
        )
    return fold


def alone_in_a_fold(truth: Ints, fold: Ints) -> list[int]:
    """Return the classes whose cells are all in one fold; linked groups of several classes can make it so."""
    return [one for one in np.unique(truth).tolist() if len(np.unique(fold[truth == one])) == 1]
