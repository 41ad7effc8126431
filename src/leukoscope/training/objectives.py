"""The loss, and the weight that each class has in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, nearest

Counts = np.ndarray
LossWeights = Literal["none", "balanced", "negatives_over_positives"] | dict[str, float]


def class_weights(
    setting: LossWeights, labels: np.ndarray, classes: Classes, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the weight of each class in the loss.

    ``balanced`` gives class c the weight n / (k n_c): the weights' mean over the training cells is 1, so that losses
    stay comparable with those without weights. ``negatives_over_positives`` gives the positive class n_negative /
    n_positive and the other 1 (Prellberg & Kramer 2019, their published code). Names with numbers are taken as they
    are; a class without a number weighs 1.

    Args:
        setting: The rule's name, or class names with weights above 0.
        labels: (n,) int64, the training cells' classes as places in ``classes``.
        classes: The classes.
        weights: (n,), what each cell counts for when the classes are counted; 1 where not given.

    Returns:
        (k,) float32, in the order of the classes.

    Raises:
        SettingsError: an unknown class, a weight that is not above 0, or ``negatives_over_positives`` with more than
            two classes.
        DataError: a class has no training cell.

    Example:
        >>> classes = Classes(("hem", "all"))
        >>> class_weights("balanced", np.array([0, 1, 1, 1]), classes).tolist()
        [2.0, 0.6666666865348816]
    """
    counts = np.bincount(labels, weights, minlength=len(classes))
    _refuse_empty_classes(counts, classes)
    if isinstance(setting, dict):
        return _named_weights(setting, classes)
    return _RULES[setting](counts, classes).astype(np.float32)


def _refuse_empty_classes(counts: Counts, classes: Classes) -> None:
    empty = [name for name, count in zip(classes.names, counts, strict=True) if count == 0]
    if empty:
        raise DataError(
            f"The training part has no cell of the class {empty[0]!r}.",
            where="the training part",
            more=len(empty) - 1,
            do="Take another split, or leave the class out of the cohort.",
        )


def _named_weights(setting: dict[str, float], classes: Classes) -> np.ndarray:
    weights = np.ones(len(classes), dtype=np.float32)
    for name, weight in setting.items():
        if name not in classes.names:
            do = nearest(name, classes.names)
            raise SettingsError(f"There is no class {name!r} to weigh.", where="balance.loss_weights", do=do)
        if not 0 < weight < float("inf"):
            raise SettingsError(
                f"The weight of class {name!r} must be above 0; found {weight}.", where="balance.loss_weights"
            )
        weights[classes.index(name)] = weight
    return weights


def _equal(counts: Counts, classes: Classes) -> np.ndarray:  # noqa: ARG001 - every rule is called alike
    return np.ones(len(classes))


def _balanced(counts: Counts, classes: Classes) -> np.ndarray:
    weights: np.ndarray = counts.sum() / (len(classes) * counts)
    return weights


def _negatives_over_positives(counts: Counts, classes: Classes) -> np.ndarray:
    if classes.positive is None:
        raise SettingsError(
            f"negatives_over_positives is for two classes; there are {len(classes)}.",
            where="balance.loss_weights",
            do="Take balanced.",
        )
    positive = classes.index(classes.positive)
    weights = np.ones(2)
    weights[positive] = counts[1 - positive] / counts[positive]
    return weights


_RULES: dict[str, Callable[[Counts, Classes], np.ndarray]] = {
    "none": _equal,
    "balanced": _balanced,
    "negatives_over_positives": _negatives_over_positives,
}


@dataclass(frozen=True)
class Objective:
    """Weighted cross-entropy: of one logit for two classes, of a logit a class for more.

    The loss is the mean over cells of weight times cross-entropy. It is not divided by the batch's sum of weights (as
    ``torch.nn.CrossEntropyLoss`` would), so that a cell counts the same whatever else is in its batch.

    Args:
        classes: The classes.
        weights: (k,) float32, the weight of each class.
    """

    classes: Classes
    weights: Tensor

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss of a batch.

        Args:
            logits: (n, 1) float32, the positive class's logit; or (n, k), one a class.
            labels: (n,) int64, places in ``classes``.

        Returns:
            A float32 number.
        """
        weights = self.weights.to(logits.device)[labels]
        return (weights * self._of_each(logits, labels)).mean()

    def _of_each(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.classes.positive is None:
            return functional.cross_entropy(logits, labels, reduction="none")
        positive = self.classes.index(self.classes.positive)
        targets = (labels == positive).to(logits.dtype)
        return functional.binary_cross_entropy_with_logits(logits[:, 0], targets, reduction="none")


def make_objective(setting: LossWeights, labels: np.ndarray, classes: Classes) -> Objective:
    """Return the loss whose class weights fit the training cells; arguments as of ``class_weights``."""
    return Objective(classes, torch.from_numpy(class_weights(setting, labels, classes)))
