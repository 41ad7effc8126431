"""The views of a cell, or of a patient, that are averaged: which there are, how they look, and their mean."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn import functional

from leukoscope.pictures.augmentation import View, views
from leukoscope.recipes.schema import TestTimeSettings

ONE_VIEW = TestTimeSettings()


def views_of(test_time: TestTimeSettings) -> tuple[View, ...]:
    """Return the views that a recipe asks for, as ``pictures.augmentation.views`` orders them."""
    return views(test_time.rotations, test_time.flips, test_time.crops)


def seen(pixels: Tensor, view: View, test_time: TestTimeSettings) -> Tensor:
    """Return a batch in one view.

    Args:
        pixels: (n, 3, h, w) float32, 0 to 1.
        view: The view.
        test_time: What fills the corners of a turned view, and how large a crop is.

    Returns:
        (n, 3, h, w), or of crops less high and wide.
    """
    return view.of(pixels, crop_share=test_time.crop_share, fill=test_time.fill)


def mean_of_views(logits: Tensor, test_time: TestTimeSettings) -> Tensor:
    """Return the mean of logits over views, or the logits of the mean probabilities.

    Args:
        logits: (views, n, outputs), of cells or of patients.
        test_time: Its ``mean`` says which.

    Returns:
        (n, outputs): for one output log p - log(1 - p) of the mean p, for more log p.
    """
    if len(logits) == 1 or test_time.mean == "logits":
        return logits.mean(dim=0)
    # Sums of probabilities as logarithms: a probability near 0 or 1 keeps its digits. The number of views cancels for
    # one output, and for more adds the same to each.
    if logits.shape[2] == 1:
        return functional.logsigmoid(logits).logsumexp(dim=0) - functional.logsigmoid(-logits).logsumexp(dim=0)
    return logits.log_softmax(dim=2).logsumexp(dim=0) - float(np.log(len(logits)))
