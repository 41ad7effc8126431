"""Support vectors, a forest or a small network, fitted at once on what a frozen network, or measures, say of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from threadpoolctl import threadpool_limits
from torch import nn

from leukoscope.errors import DataError
from leukoscope.facts.folds import FEWEST, Ints, fewest_groups, patient_folds
from leukoscope.facts.logistic import Floats
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead, HeadInputs, Scores
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.head_fitting import FOLDS, Learning, as_line
from leukoscope.training.head_inputs import fit_inputs
from leukoscope.training.head_learners import LEARNERS
from leukoscope.training.named_importance import NamedImportance, importance_of

INNER = 3
"""Folds within which a head's settings are compared."""


@dataclass(frozen=True)
class HeadFit:
    """What fitting a head gave, beside the head.

    Args:
        logits: (n, outputs) float64, of the training cells, each of scores by a fit that did not see the cell's group;
            only the line that makes logits of scores saw all of them.
        named: What each named measure counts for; None where the model has none.
    """

    logits: Floats
    named: list[NamedImportance] | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """Inputs and scores, fitted one behind the other.

    Args:
        inputs: From features to what the scores see.
        scores: From these to a few numbers a cell.
    """

    inputs: HeadInputs
    scores: Scores

    def of(self, vectors: Floats) -> Floats:
        """Return the scores, (n, values) float64, of (n, f) features."""
        with torch.inference_mode():
            found: Floats = self.scores(self.inputs(torch.from_numpy(vectors))).numpy()
        return found


@dataclass(frozen=True, eq=False)
class HeadFitting:
    """Cells to fit a head to.

    Args:
        settings: The recipe's ``model``: its ``head`` and ``pca``.
        pooled: How many of the features are a network's.
        vectors: (n, f) float64, the cells' features.
        truth: (n,) int64, as ``facts.targets`` returns it.
        groups: (n,), the linked group of each.
        weights: (n,), what each weighs.
        seed: Of folds and of whatever a learner draws.
    """

    settings: ModelSettings
    pooled: int
    vectors: Floats
    truth: Ints
    groups: npt.NDArray[np.str_]
    weights: Floats
    seed: int

    def on(self, rows: npt.NDArray[np.bool_]) -> Fitted:
        """Fit to some of the cells; what is chosen is chosen within folds of these."""
        inputs = fit_inputs(self.vectors[rows], self.pooled, self.settings.pca)
        with torch.inference_mode():
            seen = inputs(torch.from_numpy(self.vectors[rows])).numpy()
        learner = LEARNERS[self.settings.head]
        truth, weights = self.truth[rows], self.weights[rows]
        option = self._best_option(seen, truth, self.groups[rows], weights)
        return Fitted(inputs, learner(option).fit(seen, truth, weights, seed=self.seed))

    def folds(self) -> Ints:
        """Deal the cells into five folds, linked groups whole.

        Raises:
            DataError: a class stands in one linked group alone, or in one fold alone.
        """
        fold = patient_folds(self.truth, self.groups.tolist(), FOLDS, self.seed)
        if not _each_class_beside(fold, self.truth):
            raise DataError(
                "Predictions out of fold need patients of two linked groups of each class, or more.",
                do="Train on more patients.",
            )
        return fold

    def _best_option(self, seen: Floats, truth: Ints, groups: npt.NDArray[np.str_], weights: Floats) -> int:
        """Return the learner's setting of the least log-loss over folds; the plainest, where there can be none."""
        learner = LEARNERS[self.settings.head]
        if fewest_groups(truth, groups.tolist()) < FEWEST:
            return 0
        fold = patient_folds(truth, groups.tolist(), INNER, self.seed)
        if not _each_class_beside(fold, truth):
            return 0
        losses = []
        for option in range(learner.options()):
            said = []
            for one in np.unique(fold):
                learnt = fold != one
                scores = learner(option).fit(seen[learnt], truth[learnt], weights[learnt], seed=self.seed, quick=True)
                said.append(_said(scores, seen[~learnt]))
            order = np.argsort(np.concatenate([np.flatnonzero(fold == one) for one in np.unique(fold)]))
            losses.append(_loss(np.concatenate(said)[order], truth, weights))
        return int(np.argmin(losses))


def fit_head_at_once(
    model: CellModel,
    settings: ModelSettings,
    vectors: Floats,
    truth: Ints,
    groups: Sequence[str],
    *,
    weights: Floats,
    seed: int,
    after_fold: Callable[[], None] = lambda: None,
) -> HeadFit:
    """Fit a head of support vectors, trees or dense layers to training cells; say what it makes of them out of fold.

    Features are standardised, and those of a network give way to their principal components (``pca``). Penalty or size
    are chosen by the log-loss over three folds of the cells that are learnt from. The scores out of five folds, within
    each of which all of this was done anew, teach a logistic regression (Platt 1999, Advances in Large Margin
    Classifiers, 61) that makes logits of scores: probabilities can be read off them.

    Args:
        model: The network of cells, on the processor; its head is changed in place.
        settings: The recipe's ``model``.
        vectors: (n, ``model.embedded``), of the n cells.
        truth: (n,) int64, as ``facts.targets`` returns it.
        groups: The linked group of each cell; groups stay together in all folds.
        weights: (n,), what each cell weighs.
        seed: Of folds and of whatever a learner draws.
        after_fold: Called after each of five folds, for progress.

    Returns:
        The logits out of fold (only the last line saw the group of a cell), and what each named measure counts for.

    Raises:
        DataError: a class has no training cell, or stands in one linked group alone.
    """
    fitting = HeadFitting(settings, model.pooled, vectors, truth, np.array(groups), weights, seed)
    fold, parts = fitting.folds(), []
    # Steps so small gain nothing from threads, which wait for each other.
    with threadpool_limits(limits=1):
        for one in np.unique(fold):
            parts.append(fitting.on(fold != one))
            after_fold()
        whole = fitting.on(np.ones(len(truth), dtype=bool))
    held = [np.flatnonzero(fold == one) for one in np.unique(fold)]
    scores = np.empty((len(truth), whole.scores.values))
    for part, rows in zip(parts, held, strict=True):
        scores[rows] = part.of(vectors[rows])
    platt = Learning(scores, truth, groups, weights, balanced=False, seed=seed).whole()
    _put(model, whole, *as_line(platt))
    said = [(part.of, rows) for part, rows in zip(parts, held, strict=True)]
    names = () if model.measures is None else model.measures.names
    named = importance_of(said, platt.logits, vectors, truth, weights, names=names, pooled=model.pooled, seed=seed)
    return HeadFit(platt.logits(scores), named if names else None)


def _put(model: CellModel, whole: Fitted, slope: Floats, intercept: Floats) -> None:
    """Make a head of what was fitted the model's."""
    head = FittedHead(whole.inputs, whole.scores, len(intercept))
    with torch.no_grad():
        head.linear.weight.copy_(torch.from_numpy(slope))
        head.linear.bias.copy_(torch.from_numpy(intercept))
    model.head = head.train(model.training)


def _said(scores: nn.Module, seen: Floats) -> Floats:
    with torch.inference_mode():
        found: Floats = scores(torch.from_numpy(seen)).numpy()
    return found


def _loss(scores: Floats, truth: Ints, weights: Floats) -> float:
    """Return the log-loss of scores, each setting's made probabilities in the same way."""
    spread = scores.std(axis=0)
    plain = scores / np.where(spread > 0, spread, 1)
    told = LogisticRegression(max_iter=1000).fit(plain, truth, sample_weight=weights).predict_proba(plain)
    return float(log_loss(truth, told, sample_weight=weights))


def _each_class_beside(fold: Ints, truth: Ints) -> bool:
    """Return whether each class is learnt from, whichever fold is left out."""
    classes = len(np.unique(truth))
    return all(len(np.unique(truth[fold != one])) == classes for one in np.unique(fold))
