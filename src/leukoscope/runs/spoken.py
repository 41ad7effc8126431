"""What each member and each rule of an ensemble says of validation and test, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leukoscope.evaluation import Score, Scores
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensemble_table import Scored
from leukoscope.runs.ensembled_rule import Task
from leukoscope.runs.folder import RunFolder

Kind = Literal["member", "rule"]


@dataclass(frozen=True, eq=False)
class Spoken:
    """One member or rule.

    Args:
        name: Its name.
        kind: Which of both it is.
        validation: What it says of the validation part; a rule that learns, out of fold.
        test: What it says of the test part.
        scored: Its scores of the test part.
    """

    name: str
    kind: Kind
    validation: Predictions
    test: Predictions
    scored: Scores

    @property
    def threshold(self) -> float | None:
        """Its operating threshold; None for more than two classes."""
        return self.scored.threshold


def spoken(task: Task, scored: Sequence[Scored], rules: Path) -> list[Spoken]:
    """Return members, then rules, in the order of their scores.

    Args:
        task: What the rules worked on.
        scored: Members and rules with their scores.
        rules: The folder that holds a folder a rule.
    """
    return [_of_member(task, one) if one.kind == "member" else _of_rule(task, one, rules) for one in scored]


def bounds(score: Score, name: str) -> dict[str, float | None]:
    """Return a score as three columns: ``NAME``, ``NAME_low``, ``NAME_high``."""
    return {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}


def _of_member(task: Task, one: Scored) -> Spoken:
    place = task.test.names.index(one.name)
    validation, test = (part.said(part.probabilities[place], run=one.name) for part in (task.validation, task.test))
    return Spoken(one.name, "member", validation, test, scored=one.parts["test"])


def _of_rule(task: Task, one: Scored, rules: Path) -> Spoken:
    folder = RunFolder(rules / one.name)
    validation, test = (
        Predictions.load(folder.predictions(part), task.test.classes, task.test.unit) for part in ("validation", "test")
    )
    return Spoken(one.name, "rule", validation, test, scored=one.parts["test"])
