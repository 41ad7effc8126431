"""What a rule says of the rows that it was fitted on: each by a fit that did not see the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from leukoscope.ensembles.rows import Floats, Ints, Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.facts.folds import FEWEST, fewest_groups, patient_folds

FOLDS = 5
Kept = Literal["patient", "cell"]
"""What was left out together: patients (linked groups), or single cells where patients are not known."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What a rule says of rows, and how it came about.

    Args:
        probabilities: (n, k) float64.
        fold: (n,) int64: the fold of each row, said by a fit on the others; None where nothing was left out, for the
            rule learns nothing or too few groups are there.
        kept: What stayed together; None where nothing was left out.
        note: What a reader must know; None where there is nothing.
    """

    probabilities: Floats
    fold: Ints | None = None
    kept: Kept | None = None
    note: str | None = None

    @property
    def folds(self) -> int:
        """The number of folds; 0 where nothing was left out."""
        return 0 if self.fold is None else int(self.fold.max()) + 1


def out_of_fold(rule: Rule, rows: Rows, *, seed: int) -> OutOfFold:
    """Say each row by a rule that was fitted without its patient (linked group).

    A rule that learns nothing says all rows at once. Where patients are not known, cells are left out instead, and the
    note says so. Where a class stands in one linked group alone nothing can be left out: then the rule says the rows
    that it was fitted on, and the note says so.

    Args:
        rule: The rule.
        rows: Rows of the validation part.
        seed: Seed of the folds and of the fits.

    Raises:
        DataError: the rule cannot be fitted.
    """
    if not rule.learns:
        return OutOfFold(rule.fit(rows, seed=seed).combine(rows.probabilities))
    fold = _folds(rows, rows.groups or [str(place) for place in range(len(rows.truth))], seed)
    if fold is None:
        return OutOfFold(rule.fit(rows, seed=seed).combine(rows.probabilities), note=_too_few(rule, rows))
    said = np.empty((len(rows.truth), len(rows.classes)))
    for one in range(int(fold.max()) + 1):
        left = fold == one
        said[left] = rule.fit(rows.take(~left), seed=seed).combine(rows.probabilities[:, left])
    known = rows.groups is not None
    return OutOfFold(said, fold, "patient" if known else "cell", None if known else _unknown(rule))


def _folds(rows: Rows, groups: Sequence[str], seed: int) -> Ints | None:
    """Return the fold of each row; None where a class could not be learnt without one of the folds."""
    if len(np.unique(rows.truth)) < FEWEST or fewest_groups(rows.truth, groups) < FEWEST:
        return None
    fold = patient_folds(rows.truth, groups, FOLDS, seed)
    classes = set(rows.truth.tolist())
    # Groups of several classes can leave the rest without one.
    whole = all(set(rows.truth[fold != one].tolist()) == classes for one in set(fold.tolist()))
    return fold if whole else None


def _unknown(rule: Rule) -> str:
    return (
        f"{rule.title}: whose cells these are is not known, so the rule was tried on left-out cells, not on left-out "
        "patients. Cells of one patient may stand on both sides: its scores of the validation part may be too good."
    )


def _too_few(rule: Rule, rows: Rows) -> str:
    what = "patients" if rows.groups is not None else "cells"
    return (
        f"{rule.title}: the validation part has too few {what} of a class to leave some out. What the rule says of "
        "that part was fitted on the same rows: its scores there are too good, and so may be its threshold."
    )
