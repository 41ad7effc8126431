"""Scores that come from a confusion matrix, for many matrices at once."""

from __future__ import annotations

import numpy as np

from leukoscope.evaluation.names import Key
from leukoscope.evaluation.units import Floats


def counted_scores(confusion: Floats, names: tuple[str, ...], positive: str | None) -> dict[Key, Floats]:
    """Return every score of calls, NaN where it is not defined.

    A class is averaged over where it has cells, and has an accuracy of its own there; the precision of a class that
    nothing was called is not defined by itself and counts as 0 in averages, as scikit-learn has it. The Matthews
    correlation is Gorodkin's for any number of classes (2004, Computational Biology and Chemistry 28:367).

    Args:
        confusion: Weights of cells, (k, k, b): true class, called class, replicate.
        names: The k classes.
        positive: The class that sensitivity is of; None for more than two classes.

    Returns:
        A score's key to its values, (b,) each.
    """
    rates = _class_rates(confusion)
    found: dict[Key, Floats] = {
        (name, score): values[index] for score, values in rates.items() for index, name in enumerate(names)
    }
    support, total = confusion.sum(axis=1), confusion.sum(axis=(0, 1))
    present = support.any(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found[None, "accuracy"] = np.einsum("iib->b", confusion) / total
        rates["precision"] = np.where(confusion.sum(axis=0) > 0, rates["precision"], 0.0)
        for score, values in rates.items():
            shares = np.where(support > 0, support / total, 0.0)
            found[None, f"weighted_{score}"] = np.where(support > 0, shares * values, 0.0).sum(axis=0)
            found[None, f"macro_{score}"] = values[present].mean(axis=0)
    several = present.sum() > 1
    found[None, "balanced_accuracy"] = found[None, "macro_recall"] if several else np.full(len(total), np.nan)
    accuracy = np.where(present[:, None], _class_accuracy(confusion), np.nan)
    found |= {(name, "accuracy"): values for name, values in zip(names, accuracy, strict=True)}
    found[None, "mcc"] = _matthews(confusion)
    if positive is not None:
        found[None, "sensitivity"] = found[positive, "recall"]
        found[None, "specificity"] = found[positive, "specificity"]
    return found


def _class_accuracy(confusion: Floats) -> Floats:
    """Return the share of cells that are rightly called the class, or rightly not called it, (k, b)."""
    right, total = np.einsum("iib->ib", confusion), confusion.sum(axis=(0, 1))
    wrong = confusion.sum(axis=1) + confusion.sum(axis=0) - 2 * right
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((total - wrong) / total)


def _class_rates(confusion: Floats) -> dict[str, Floats]:
    right = np.einsum("iib->ib", confusion)
    support, called = confusion.sum(axis=1), confusion.sum(axis=0)
    rest = confusion.sum(axis=(0, 1)) - support
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "precision": right / called,
            "recall": right / support,
            "specificity": (rest - called + right) / rest,
            "f1": np.where(support > 0, 2 * right / (support + called), np.nan),
        }


def _matthews(confusion: Floats) -> Floats:
    support, called, total = confusion.sum(axis=1), confusion.sum(axis=0), confusion.sum(axis=(0, 1))
    above = np.einsum("iib->b", confusion) * total - (support * called).sum(axis=0)
    below = (total**2 - (support**2).sum(axis=0)) * (total**2 - (called**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / np.sqrt(below), np.nan)
