"""What a rule says of validation is said without the patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Average, Rows, Rule, Stacked, out_of_fold
from leukoscope.ensembles.rows import Floats

MakeRows = Callable[..., Rows]


@dataclass(frozen=True)
class Remembering:
    """Says 1 of the first class for the rows that it was fitted on, known by their probabilities, and 0 for others."""

    known: frozenset[float]

    def combine(self, probabilities: Floats) -> Floats:
        seen = np.array([value in self.known for value in probabilities[0, :, 0]], dtype=np.float64)
        return np.stack([seen, 1 - seen], axis=1)

    def as_json(self) -> dict[str, Any]:
        return {}


class Memory(Rule):
    """A rule that notes which groups it was fitted on."""

    name: ClassVar[str] = "memory"
    title: ClassVar[str] = "memory"
    about: ClassVar[str] = "Remembers."
    fitted_on: ClassVar[list[set[str]]] = []

    def fit(self, rows: Rows, *, seed: int) -> Remembering:
        del seed
        self.fitted_on.append(set(rows.groups or ()))
        return Remembering(frozenset(rows.probabilities[0, :, 0].tolist()))

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> Remembering:
        return Remembering(frozenset(value[name] for name in members if classes))


def test_a_patient_is_never_said_by_a_fit_that_saw_it(make_rows: MakeRows) -> None:
    rows = make_rows(rows=120, groups=13)
    Memory.fitted_on.clear()
    found = out_of_fold(Memory(), rows, seed=0)
    assert found.probabilities[:, 0].max() == 0, "no row was known"
    assert (found.folds, found.kept, found.note) == (5, "patient", None)
    assert found.fold is not None
    groups = np.array(rows.groups)
    for number, seen in enumerate(Memory.fitted_on):
        left = set(groups[found.fold == number].tolist())
        assert left
        assert not left & seen
        assert left | seen == set(groups.tolist())
    assert Memory().fit(rows, seed=0).combine(rows.probabilities)[:, 0].min() == 1, "in sample all are known"


def test_unknown_patients_leave_cells_out_and_a_note(make_rows: MakeRows) -> None:
    found = out_of_fold(Memory(), make_rows(groups=None), seed=0)
    assert found.probabilities[:, 0].max() == 0
    assert (found.folds, found.kept) == (5, "cell")
    assert found.note == (
        "memory: whose cells these are is not known, so the rule was tried on left-out cells, not on left-out "
        "patients. Cells of one patient may stand on both sides: its scores of the validation part may be too good."
    )


def test_too_few_groups_are_said_in_sample_with_a_note(make_rows: MakeRows) -> None:
    rows = make_rows(groups=3)
    found = out_of_fold(Memory(), rows, seed=0)
    assert found.probabilities[:, 0].min() == 1
    assert (found.fold, found.folds, found.kept) == (None, 0, None)
    assert found.note == (
        "memory: the validation part has too few patients of a class to leave some out. What the rule says of that "
        "part was fitted on the same rows: its scores there are too good, and so may be its threshold."
    )


def test_groups_of_several_classes_that_would_take_one_away_are_too_few(make_rows: MakeRows) -> None:
    drawn = make_rows(rows=60, classes=3, groups=6)
    # Each class stands in two of three groups: of two folds, one has both groups of a class.
    held = {0: "AB", 1: "BC", 2: "AC"}
    groups = [held[one][place % 2] for place, one in enumerate(drawn.truth.tolist())]
    found = out_of_fold(Stacked(), Rows(drawn.members, drawn.classes, drawn.probabilities, drawn.truth, groups), seed=0)
    assert (found.fold, found.kept) == (None, None)
    assert found.note is not None
    assert found.note.startswith("stacked regression: the validation part has too few patients of a class")


def test_a_rule_that_learns_nothing_says_all_at_once(make_rows: MakeRows) -> None:
    rows = make_rows(groups=3)
    found = out_of_fold(Average(), rows, seed=0)
    assert (found.fold, found.kept, found.note) == (None, None, None)
    assert np.abs(found.probabilities - rows.probabilities.mean(axis=0)).max() < 1e-15


def test_one_seed_gives_one_result(make_rows: MakeRows) -> None:
    rows = make_rows(rows=90)
    first, second = (out_of_fold(Stacked(), rows, seed=5) for _ in range(2))
    assert (first.probabilities == second.probabilities).all()
