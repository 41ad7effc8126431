"""Support vectors, a forest or a small network, fitted at once on what a frozen network, or measures, say of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from threadpoolctl import threadpool_limits

from leukoscope.errors import DataError
from leukoscope.facts.folds import Ints, patient_folds
from leukoscope.facts.logistic import Floats
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead, HeadInputs, Scores
from leukoscope.randomness import integer
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.head_fitting import FOLDS
from leukoscope.training.head_folds import alone_in_a_fold, deal_cells
from leukoscope.training.head_inputs import fit_inputs
from leukoscope.training.head_learners import LEARNERS
from leukoscope.training.head_line import HeadLine, fit_line, log_loss_of
from leukoscope.training.named_importance import NamedImportance, importance_of

INNER = 3
"""Folds within which a head's settings are compared."""

AfterFit = Callable[[], None]


@dataclass(frozen=True)
class HeadResult:
    """What fitting a head gave, beside the head.

    Args:
        logits: (n, outputs) float64, of the training cells, each by a fit that did not see the cell's group. What did
            see all groups says little of them: which of at most four settings is used, and the line from scores to
            logits, of one number more than there are outputs.
        named: What each named measure counts for; None where the model has none.
    """

    logits: Floats
    named: list[NamedImportance] | None = None


@dataclass(frozen=True, eq=False)
class InputsAndScores:
    """Two pieces of a head, fitted one behind the other.

    Args:
        inputs: From features to what the scores see.
        scores: From that to one number a logit.
    """

    inputs: HeadInputs
    scores: Scores

    def of(self, vectors: Floats) -> Floats:
        """Return the scores, (n, outputs) float64, of (n, f) features."""
        with torch.inference_mode():
            found: Floats = self.scores(self.inputs(torch.from_numpy(vectors))).numpy()
        return found


@dataclass(frozen=True, eq=False)
class CellsToFit:
    """Cells to fit a head to.

    Args:
        settings: The recipe's ``model``: its ``head`` and ``pca``.
        pooled: How many of the features are a network's.
        vectors: (n, f) float64, the cells' features.
        truth: (n,) int64, as ``facts.targets`` returns it; each class is there.
        groups: (n,), the linked group of each.
        weights: (n,), what each weighs.
        seed: Of folds and of whatever a learner draws, any whole number.
    """

    settings: ModelSettings
    pooled: int
    vectors: Floats
    truth: Ints
    groups: npt.NDArray[np.str_]
    weights: Floats
    seed: int

    def best_option(self, after_fit: AfterFit) -> int:
        """Return the learner's setting of the least log-loss over three folds; the plainest, where there can be none.

        Args:
            after_fit: Called after each fit.
        """
        if LEARNERS[self.settings.head].options() == 1:
            return 0
        fold = patient_folds(self.truth, self.groups.tolist(), INNER, integer(self.seed, "choice of a head"))
        if alone_in_a_fold(self.truth, fold):
            return 0
        parts: list[list[InputsAndScores]] = [[] for _ in range(LEARNERS[self.settings.head].options())]
        for one in np.unique(fold).tolist():
            inputs = self.inputs_of(fold != one)
            for option, own in enumerate(parts):
                own.append(self.on(fold != one, inputs, option, "choice", option, one, quick=True))
                after_fit()
        return int(np.argmin([self._loss(out_of_fold(own, fold, self.vectors)) for own in parts]))

    def inputs_of(self, rows: npt.NDArray[np.bool_]) -> HeadInputs:
        """Fit what a head sees to some of the cells, (n,)."""
        return fit_inputs(self.vectors[rows], self.pooled, self.settings.pca)

    def on(
        self, rows: npt.NDArray[np.bool_], inputs: HeadInputs, option: int, *item: object, quick: bool = False
    ) -> InputsAndScores:
        """Fit scores to some of the cells.

        Args:
            rows: (n,), which.
            inputs: Fitted to the same.
            option: The learner's setting, by its place.
            item: What the fit is for; what it draws depends on that.
            quick: To compare settings only.
        """
        with torch.inference_mode():
            seen = inputs(torch.from_numpy(self.vectors[rows])).numpy()
        learner, drawn = LEARNERS[self.settings.head](option), seed_of_32_bits(self.seed, *item)
        return InputsAndScores(inputs, learner.fit(seen, self.truth[rows], self.weights[rows], seed=drawn, quick=quick))

    def _loss(self, scores: Floats) -> float:
        """Return the log-loss of scores out of fold, made probabilities as those of the head are."""
        line = fit_line(scores, self.truth, self.weights)
        return log_loss_of(line.logits(scores), self.truth, self.weights)


def fits_of(settings: ModelSettings) -> int:
    """Return how many fits ``fit_head_at_once`` makes at most: to choose a setting, out of five folds, and of all."""
    options = LEARNERS[settings.head].options()
    return (options * INNER if options > 1 else 0) + FOLDS + 1


def fit_head_at_once(
    model: CellModel,
    settings: ModelSettings,
    vectors: Floats,
    truth: Ints,
    groups: Sequence[str],
    *,
    weights: Floats,
    seed: int,
    after_fit: AfterFit = lambda: None,
) -> HeadResult:
    """Fit a head of support vectors, trees or dense layers to training cells; say what it makes of them out of fold.

    Features are standardised, and those of a network give way to their principal components (``pca``). One setting
    (penalty, size of leaves, or width and penalty; four at the most) is chosen by the log-loss over three folds of all
    cells, so that the fits out of five folds, each with inputs of its own, and the fit that is given away are of one
    kind. The scores out of fold teach the line that makes logits of scores (``head_line``): probabilities can be read
    off these, at the prevalence that the weights make.

    Args:
        model: The network of cells, on the processor; its head is changed in place.
        settings: The recipe's ``model``.
        vectors: (n, ``model.embedded``), of the n cells.
        truth: (n,) int64, as ``facts.targets`` returns it; none unknown.
        groups: The linked group of each cell; groups stay together in all folds.
        weights: (n,), what each cell weighs.
        seed: Of folds and of whatever a learner draws, any whole number.
        after_fit: Called after each of ``fits_of`` fits, for progress.

    Returns:
        The logits out of fold, and what each named measure counts for.

    Raises:
        DataError: a feature is no finite number, a class has no cell, stands in one linked group alone, or fell into
            one fold alone.
    """
    names = () if model.measures is None else model.measures.names
    _refuse_gaps(vectors, model.pooled, names)
    fold = deal_cells(truth, groups, [str(one) for one in range(_classes_of(model))], seed)
    cells = CellsToFit(settings, model.pooled, vectors, truth, np.array(groups), weights, seed)
    parts = []
    # Steps so small gain nothing from threads, which wait for each other.
    with threadpool_limits(limits=1):
        option = cells.best_option(after_fit)
        for one in np.unique(fold).tolist():
            parts.append(cells.on(fold != one, cells.inputs_of(fold != one), option, "fold", one))
            after_fit()
        every = np.ones(len(truth), dtype=bool)
        whole = cells.on(every, cells.inputs_of(every), option, "whole")
        after_fit()
    scores = out_of_fold(parts, fold, vectors)
    line = fit_line(scores, truth, weights)
    _put(model, whole, line)
    said = [(part.of, np.flatnonzero(fold == one)) for one, part in zip(np.unique(fold), parts, strict=True)]
    named = importance_of(said, line.logits, vectors, truth, weights, names=names, pooled=model.pooled, seed=seed)
    return HeadResult(line.logits(scores), named if names else None)


def out_of_fold(parts: Sequence[InputsAndScores], fold: Ints, vectors: Floats) -> Floats:
    """Return the scores of all cells, (n, outputs) float64, each by the part that did not learn from its fold.

    Args:
        parts: One a fold, in the folds' order.
        fold: (n,) int64, the fold of each cell.
        vectors: (n, f) float64, the cells' features.
    """
    found = np.empty((len(fold), parts[0].scores.outputs))
    for one, part in zip(np.unique(fold), parts, strict=True):
        found[fold == one] = part.of(vectors[fold == one])
    return found


def seed_of_32_bits(seed: int, *item: object) -> int:
    """Return what scikit-learn takes as a seed, 0 to 2**32 - 1, for one fit of a head."""
    return integer(seed, "fit of a head", *item) >> 31


def _classes_of(model: CellModel) -> int:
    assert isinstance(model.head, FittedHead), "other heads are fitted elsewhere"
    return max(model.head.scores.outputs, 2)


def _refuse_gaps(vectors: Floats, pooled: int, names: Sequence[str]) -> None:
    """Refuse features that are no finite numbers, by the name of the first of them."""
    gaps = ~np.isfinite(vectors)
    columns = np.flatnonzero(gaps.any(axis=0))
    if not len(columns):
        return
    first = int(columns[0])
    name = f"Feature {first} of the network" if first < pooled else f"The measure {names[first - pooled]}"
    cells = np.flatnonzero(gaps[:, first])
    raise DataError(
        f"{name} is no finite number for {len(cells):,} of {len(vectors):,} cells.",
        where=f"row {cells[0]} of the cells that are learnt from, from 0",
        more=len(columns) - 1,
        do="Look at this cell's picture; exclude such cells, or leave the measure out (model.measures).",
    )


def _put(model: CellModel, whole: InputsAndScores, line: HeadLine) -> None:
    """Make a head of what was fitted the model's."""
    head = FittedHead(whole.inputs, whole.scores)
    head.slope.fill_(line.slope)
    head.bias.copy_(torch.from_numpy(line.intercepts))
    model.head = head.train(model.training)
