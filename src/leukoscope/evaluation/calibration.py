"""How well probabilities tell shares: bins, calibration error, Brier score and log-loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from leukoscope.evaluation.units import Floats, Ints

BINS = 10


def confidence(probabilities: Floats, truth: Ints, positive: int | None) -> tuple[Floats, Floats]:
    """Return what was claimed of each cell and whether it held, (n,) each.

    For two classes: the probability of the positive class, and whether the cell is of it. For more: the largest
    probability, and whether that class was right (the top label).

    Args:
        probabilities: (n, k), 0 to 1.
        truth: The true classes, (n,).
        positive: The place of the positive class; None for more than two.
    """
    if positive is not None:
        return probabilities[:, positive], (truth == positive).astype(np.float64)
    return probabilities.max(axis=1), (probabilities.argmax(axis=1) == truth).astype(np.float64)


def bins_of(claimed: Floats) -> Ints:
    """Return the bin of each probability: ten of equal width, the lower edge belonging to the bin.

    Example:
        >>> bins_of(np.array([0.0, 0.1, 0.99, 1.0])).tolist()
        [0, 1, 9, 9]
    """
    return np.clip(np.floor(claimed * BINS), 0, BINS - 1).astype(np.int64)


def losses(probabilities: Floats, truth: Ints) -> tuple[Floats, Floats]:
    """Return the Brier score and the log-loss of each cell, (n,) each.

    Brier (1950): for two classes (p - y)^2 of the positive one, 0 to 1; for more the sum over the classes, 0 to 2.
    Log-loss: -log of the true class's probability, which is kept above the smallest float64 step (2.2e-16).
    """
    hit = np.zeros_like(probabilities)
    hit[np.arange(len(truth)), truth] = 1
    squares = ((probabilities - hit) ** 2).sum(axis=1) / (2 if probabilities.shape[1] == 2 else 1)  # noqa: PLR2004
    tiny = np.finfo(np.float64).eps
    return squares, -np.log(np.clip(probabilities[np.arange(len(truth)), truth], tiny, 1))


def calibration_curve(claimed: Floats, held: Floats) -> list[dict[str, Any]]:
    """Return the bins that have cells: edges, mean probability claimed, share that held, number of cells."""
    bins = bins_of(claimed)
    return [
        {
            "low": number / BINS,
            "high": (number + 1) / BINS,
            "mean_probability": float(claimed[bins == number].mean()),
            "share_right": float(held[bins == number].mean()),
            "cells": int((bins == number).sum()),
        }
        for number in np.unique(bins).tolist()
    ]
