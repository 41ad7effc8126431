"""The loss, and the weight that each class has in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.recipes.schema import BalanceSettings, LossSettings, LossWeights

Counts = np.ndarray
BETA = BalanceSettings().beta
PLAIN = LossSettings()
TOLD_APART = 2
SMALLEST = torch.finfo(torch.float32).tiny
"""In place of a focal factor of nought, whose power below 1 has no finite gradient."""


def class_weights(
    setting: LossWeights,
    labels: np.ndarray,
    classes: Classes,
    weights: np.ndarray | None = None,
    *,
    beta: float = BETA,
    absent: bool = False,
) -> np.ndarray:
    """Return the weight of each class in the loss.

    ``balanced`` gives class c the weight n / (k n_c): the weights' mean over the training cells is 1, so that losses
    stay comparable with those without weights. ``negatives_over_positives`` gives the positive class n_negative /
    n_positive and the other 1 (Prellberg & Kramer 2019, their published code). ``class_balanced`` weighs class c by
    (1 - beta) / (1 - beta^n_c), one over its effective number of cells (Cui et al. 2019, CVPR, equation 6); here too
    the mean over the training cells is 1, where the paper's weights sum to k. Names with numbers are taken as they are;
    a class without a number weighs 1.

    Args:
        setting: The rule's name, or class names with weights above 0.
        labels: (n,) int64, the training cells' classes as places in ``classes``.
        classes: The classes.
        weights: (n,), what each cell counts for when the classes are counted; 1 where not given.
        beta: Of ``class_balanced``, 0 to below 1: 0 weighs all classes alike, towards 1 it is ``balanced``.
        absent: Whether a class may have no training cell, as one of a single cell has none in the fold that tests it.
            The rules are then for the k classes that are there, and the others weigh 1.

    Returns:
        (k,) float32, in the order of the classes, those that are absent among them.

    Raises:
        SettingsError: an unknown class, a weight that is not above 0, or ``negatives_over_positives`` with more than
            two classes.
        DataError: a class has no training cell, or, where it may have none, all cells are of one class.

    Example:
        >>> classes = Classes(("hem", "all"))
        >>> class_weights("balanced", np.array([0, 1, 1, 1]), classes).tolist()
        [2.0, 0.6666666865348816]
    """
    counts = np.bincount(labels, weights, minlength=len(classes))
    there = counts > 0
    _refuse_empty_classes(there, classes, absent=absent)
    if isinstance(setting, dict):
        return _named_weights(setting, classes)
    found = np.ones(len(classes), dtype=np.float32)
    found[there] = _RULES[setting](counts[there], classes, beta)
    return found


def _refuse_empty_classes(there: np.ndarray, classes: Classes, *, absent: bool) -> None:
    empty = [name for name, known in zip(classes.names, there, strict=True) if not known]
    if empty and not (absent and there.sum() >= TOLD_APART):
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


# Every rule is called alike, with the counts of the classes that are there, in their order.
def _equal(counts: Counts, _classes: Classes, _beta: float) -> np.ndarray:
    return np.ones(len(counts))


def _balanced(counts: Counts, _classes: Classes, _beta: float) -> np.ndarray:
    weights: np.ndarray = counts.sum() / (len(counts) * counts)
    return weights


def _by_effective_number(counts: Counts, _classes: Classes, beta: float) -> np.ndarray:
    effective = -np.expm1(counts * np.log(beta)) / (1 - beta) if beta else np.ones(len(counts))
    weights: np.ndarray = counts.sum() / (effective * (counts / effective).sum())
    return weights


def _negatives_over_positives(counts: Counts, classes: Classes, _beta: float) -> np.ndarray:
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


_RULES: dict[str, Callable[[Counts, Classes, float], np.ndarray]] = {
    "none": _equal,
    "balanced": _balanced,
    "negatives_over_positives": _negatives_over_positives,
    "class_balanced": _by_effective_number,
}


@dataclass(frozen=True)
class Objective:
    """Cross-entropy, weighted, adjusted and focal as asked for: of one logit for two classes, of one a class for more.

    The loss is the mean over cells of weight times focal factor times cross-entropy. It is not divided by the batch's
    sum of weights (as ``torch.nn.CrossEntropyLoss`` would), so that a cell counts the same whatever else is in its
    batch.

    Args:
        classes: The classes.
        weights: (k,) float32, the weight of each class.
        shift: (k,) float32, what is added to the class's logit in the loss alone (logit adjustment); None: nothing.
        focal: The exponent of the focal loss; 0: plain cross-entropy.
    """

    classes: Classes
    weights: Tensor
    shift: Tensor | None = None
    focal: float = 0.0

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss of a batch.

        Args:
            logits: (n, 1) float32, the positive class's logit; or (n, k), one a class.
            labels: (n,) int64, places in ``classes``.

        Returns:
            A float32 number.
        """
        weights = self.weights.to(logits.device)[labels]
        losses = self._of_each(self._shifted(logits), labels)
        if self.focal:
            # exp(-loss) is the probability of the cell's own class (Lin et al. 2017, equation 4); expm1 keeps the
            # digits of what is left to 1 where that is little.
            losses = (-torch.expm1(-losses)).clamp(min=SMALLEST) ** self.focal * losses
        return (weights * losses).mean()

    def _shifted(self, logits: Tensor) -> Tensor:
        if self.shift is None:
            return logits
        shift = self.shift.to(logits.device)
        if self.classes.positive is None:
            return logits + shift
        positive = self.classes.index(self.classes.positive)
        return logits + (shift[positive] - shift[1 - positive])

    def _of_each(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.classes.positive is None:
            return functional.cross_entropy(logits, labels, reduction="none")
        positive = self.classes.index(self.classes.positive)
        targets = (labels == positive).to(logits.dtype)
        return functional.binary_cross_entropy_with_logits(logits[:, 0], targets, reduction="none")


def make_objective(
    setting: LossWeights, labels: np.ndarray, classes: Classes, *, beta: float = BETA, loss: LossSettings = PLAIN
) -> Objective:
    """Return the loss whose class weights, and shifts of the logits, fit the training cells.

    Logit adjustment (Menon et al. 2021, ICLR, equation 10): tau times the logarithm of the class's share of the
    training cells is added to its logit in the loss, and not when a cell is called; so the network need not learn which
    classes are frequent, and calls them as if all were equally so. A class without a training cell weighs 1 and is not
    adjusted.

    Args:
        setting: As of ``class_weights``, which is told ``labels``, ``classes`` and ``beta`` too.
        labels: (n,) int64, all that an epoch sees.
        classes: The classes.
        beta: As of ``class_weights``.
        loss: ``focal`` and ``logit_adjustment`` (tau) count here.

    Returns:
        The loss, of the k classes in their order; its tensors are on the processor.

    Raises:
        SettingsError: as ``class_weights``.
        DataError: all training cells are of one class.
    """
    weights = torch.from_numpy(class_weights(setting, labels, classes, beta=beta, absent=True))
    shift = None
    if loss.logit_adjustment:
        counts = np.bincount(labels, minlength=len(classes))
        shares = np.where(counts > 0, counts / len(labels), 1)
        shift = torch.from_numpy((loss.logit_adjustment * np.log(shares)).astype(np.float32))
    return Objective(classes, weights, shift, loss.focal)
