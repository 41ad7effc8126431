"""From logits to probabilities in the order of the classes, and back."""

from __future__ import annotations

import torch
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError


def outputs_of(classes: Classes) -> int:
    """Return how many logits a network needs: one for two classes (the positive one's), else one a class."""
    return 1 if classes.binary else len(classes)


def probabilities(logits: Tensor, classes: Classes) -> Tensor:
    """Return each class's probability.

    Args:
        logits: (n, 1), the positive class's logit, where there are two classes; or (n, k), one a class.
        classes: The k classes.

    Returns:
        (n, k), in the order of the classes, each row summing to 1: the logistic function of one logit, the softmax of
        several.

    Raises:
        SettingsError: the number of logits is not that of the classes.
    """
    if classes.binary and logits.shape[-1] == 1:
        positive = _place_of_positive(classes)
        # two logistic functions, not p and 1 - p: that would lose all digits of a small probability
        return torch.sigmoid(torch.cat([logits, -logits] if positive == 0 else [-logits, logits], dim=1))
    if logits.shape[-1] != len(classes):
        raise SettingsError(f"The network gives {logits.shape[-1]} logits, but there are {len(classes)} classes.")
    return torch.softmax(logits, dim=1)


def logit_of(values: Tensor, classes: Classes) -> Tensor:
    """Return the logits that give these probabilities: the way back from ``probabilities``.

    Args:
        values: (n, k), in the order of the classes, such as the mean over several views. A probability of 0 is taken
            for the smallest positive number, so that every logit is finite.
        classes: The k classes.

    Returns:
        (n, 1) for two classes, the positive one's logit, log p/(1 - p); for more, (n, k), log p.

    Raises:
        SettingsError: the number of probabilities is not that of the classes.
    """
    if values.shape[-1] != len(classes):
        raise SettingsError(f"There are {values.shape[-1]} probabilities a cell, but {len(classes)} classes.")
    logs = values.clamp_min(torch.finfo(values.dtype).tiny).log()
    if not classes.binary:
        return logs
    positive = _place_of_positive(classes)
    return (logs[:, positive] - logs[:, 1 - positive]).unsqueeze(1)


def _place_of_positive(classes: Classes) -> int:
    return classes.index(str(classes.positive))
