"""The head of a network of cells, fitted at once, by logistic regression, on what the frozen network makes of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from leukoscope.cohort.classes import Classes
from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import BalanceSettings
from leukoscope.training.head_fitting import FOLDS, Learning, as_line, set_head, sources_of
from leukoscope.training.objectives import class_weights


def cell_weights(balance: BalanceSettings, labels: Ints, patients: Sequence[str], classes: Classes) -> Floats:
    """Return what each cell weighs in the fit.

    Args:
        balance: ``patients: equal`` lets the cells of a patient weigh 1 together, else each weighs 1; on top of it
            ``loss_weights`` weighs the classes, counted in these weights.
        labels: (n,) int64, each cell's class as its place in ``classes``.
        patients: Each cell's patient.
        classes: The classes.

    Returns:
        (n,) float64, their mean 1.

    Raises:
        SettingsError: as ``class_weights``.
        DataError: a class has no cell.

    Example:
        >>> two, equal = Classes(("hem", "all")), BalanceSettings(patients="equal")
        >>> cell_weights(equal, np.array([0, 0, 0, 1]), ["a", "a", "a", "b"], two).round(2).tolist()
        [0.67, 0.67, 0.67, 2.0]
    """
    own = np.ones(len(labels))
    if balance.patients == "equal":
        _, place, cells = np.unique(np.array(patients), return_inverse=True, return_counts=True)
        own = 1 / cells[place]
    weights = own * class_weights(balance.loss_weights, labels, classes, own, beta=balance.beta)[labels]
    return np.asarray(weights * len(weights) / weights.sum())


def folds_of(model: CellModel) -> int:
    """Return how many folds ``fit_cell_head`` goes through at most: five a source of features."""
    return FOLDS * len(sources_of(model, model.embedded))


def fit_cell_head(
    model: CellModel,
    vectors: Floats,
    truth: Ints,
    groups: Sequence[str],
    *,
    weights: Floats,
    seed: int,
    after_fold: Callable[[], None] = lambda: None,
) -> Floats:
    """Fit the head to training cells, and return their logits out of fold.

    Each source of features (the backbone, the named measures) has a logistic regression of its own. A last one, on
    their logits out of fold, says what each source counts for (stacking, Wolpert 1992, Neural Networks 5:241) and gives
    the sum its scale and shift (Platt 1999), so that probabilities can be read off it. All of it is linear, and the
    head stays one linear layer.

    Args:
        model: The network, on the processor; its head is changed in place.
        vectors: (n, ``model.embedded``), of the n cells.
        truth: (n,) int64, as ``facts.targets`` returns it.
        groups: The linked group of each cell; groups stay together in all folds.
        weights: (n,), what each cell weighs.
        seed: Of the folds.
        after_fold: Called after each of ``folds_of`` folds, for progress.

    Returns:
        (n, outputs) float64: given by regressions that did not see the cell's group; only the last, of a number or two
        a source, saw all.

    Raises:
        DataError: a class has no training cell, or stands in one linked group alone.
    """
    lines, said, sources = [], [], sources_of(model, vectors.shape[1])
    for columns in sources:
        learning = Learning(vectors[:, columns], truth, groups, weights, balanced=False, seed=seed)
        lines.append(as_line(learning.whole()))
        said.append(learning.out_of_fold(1, after_fold))
    last = Learning(np.concatenate(said, axis=1), truth, groups, weights, balanced=False, seed=seed)
    stacked = last.whole()
    shares, bias = as_line(stacked)
    weight = np.zeros((len(bias), vectors.shape[1]))
    for columns, share, (slope, intercept) in zip(sources, np.split(shares, len(sources), axis=1), lines, strict=True):
        weight[:, columns] = share @ slope
        bias = bias + share @ intercept
    set_head(model, weight, bias)
    return stacked.logits(last.values)
