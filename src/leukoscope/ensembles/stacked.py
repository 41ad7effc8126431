"""Logistic regression on what the models say (stacking; Wolpert 1992, Neural Networks 5:241)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, softmax

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats, Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.errors import DataError
from leukoscope.facts.logistic import LogisticModel

SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1, so that one sure model does not decide alone."""


@dataclass(frozen=True)
class StackedModels:
    """A fitted logistic regression on the models' log-odds, or log-probabilities.

    Args:
        model: The regression; its inputs are the models (two classes), or each class of each model (more).
        positive: The place of the positive class; None for more than two.
    """

    model: LogisticModel
    positive: int | None

    def combine(self, probabilities: Floats) -> Floats:
        """Return the regression's probabilities, (n, k), of (m, n, k) of the models."""
        logits = self.model.logits(inputs(probabilities, self.positive))
        if self.positive is None:
            return np.asarray(softmax(logits, axis=1))
        chance = expit(logits[:, 0])
        return np.stack([1 - chance, chance] if self.positive else [chance, 1 - chance], axis=1)

    def as_json(self) -> dict[str, Any]:
        """Return the regression: coefficients of standardised inputs, intercepts, the inverse strength C."""
        return {"regression": self.model.as_json()}


class Stacked(Rule):
    """Logistic regression on the models' log-odds (two classes) or log-probabilities (more).

    The strength of its L2 penalty is that of the least log-loss over five folds, patients kept together
    (``leukoscope.facts.logistic``).
    """

    name: ClassVar[str] = "stacked"
    title: ClassVar[str] = "stacked regression"
    about: ClassVar[str] = (
        "A logistic regression that takes what the models say as its inputs: it can also correct a model that is too "
        "sure, or count one against another. How bold it may be is chosen by cross-validation, patients kept together."
    )

    def fit(self, rows: Rows, *, seed: int) -> StackedModels:
        """Fit the regression.

        Args:
            rows: Rows of the validation part; each class must be there.
            seed: Seed of the folds that choose the penalty.

        Raises:
            DataError: a class has no row.
        """
        _refuse_missing(rows)
        classes, positive = len(rows.classes), rows.positive
        truth = rows.truth if positive is None else (rows.truth == positive).astype(np.int64)
        names = _names(rows.members, rows.classes)
        groups = rows.groups or [str(place) for place in range(len(truth))]
        values = inputs(rows.probabilities, positive)
        return StackedModels(
            LogisticModel.fit(values, truth, groups, names=names, seed=seed, classes=classes), positive
        )

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> StackedModels:
        """Return the regression again; arguments and errors as of ``Rule.restored``."""
        model = LogisticModel.from_json(value.get("regression") or {})
        names = _names(members, classes)
        if model.names != names:
            what = f"The regression is one of {', '.join(model.names)}; the models give {', '.join(names)}."
            raise DataError(what)
        return StackedModels(model, None if classes.positive is None else classes.index(classes.positive))


def _names(members: Sequence[str], classes: Classes) -> tuple[str, ...]:
    """Return the names of the regression's inputs."""
    if classes.positive is not None:
        return tuple(members)
    return tuple(f"{member}: {name}" for member in members for name in classes.names)


def inputs(probabilities: Floats, positive: int | None) -> Floats:
    """Return the regression's inputs.

    Args:
        probabilities: (m, n, k).
        positive: The place of the positive class of two; None for more.

    Returns:
        (n, m) log-odds of the positive class, or (n, m x k) log-probabilities, model by model.
    """
    kept = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    if positive is None:
        members, rows, classes = kept.shape
        return np.log(kept).transpose(1, 0, 2).reshape(rows, members * classes)
    chance = kept[:, :, positive].T
    return np.asarray(np.log(chance) - np.log1p(-chance))


def _refuse_missing(rows: Rows) -> None:
    missing = [name for place, name in enumerate(rows.classes.names) if not (rows.truth == place).any()]
    if missing:
        raise DataError(
            f"The rule 'stacked' cannot be fitted: the validation part has no row of {', '.join(missing)}.",
            do="Leave it out (--rule average --rule genetic --rule greedy), or take a larger validation part.",
        )
