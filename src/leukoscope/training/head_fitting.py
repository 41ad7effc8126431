"""A head that is fitted at once, by logistic regression, on what a frozen network makes of each patient or cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from leukoscope.facts.folds import Ints, patient_folds
from leukoscope.facts.logistic import Floats, LogisticModel
from leukoscope.models.bags import Bags
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData

FOLDS, REPEATS = 5, 2


def patient_vectors(model: PatientModel, features: npt.NDArray[np.float32], data: BagData) -> Floats:
    """Return what the head sees of each patient, (b, v) float64.

    Args:
        model: Its features are aggregated (``order: features``).
        features: (n, m, d) float32, of the data's n cells (``cell_features``).
        data: The b patients.
    """
    with torch.inference_mode():
        instances = model.instances_of_features(torch.from_numpy(features))
        found: Floats = model.vectors(instances, Bags(torch.from_numpy(data.sizes))).double().numpy()
    return found


def fit_head(
    model: Network,
    vectors: Floats,
    truth: Ints,
    groups: Sequence[str],
    *,
    seed: int,
    balanced: bool = False,
    weights: Floats | None = None,
    repeats: int = REPEATS,
) -> Floats:
    """Fit the head to training patients, or training cells, and return their logits out of fold.

    Each source of features (the backbone, the named measures) has a logistic regression of its own; the head's logit
    is the mean of theirs, each divided by the deviation of its out-of-fold logits: a source of a thousand numbers does
    not drown one of ten. Both regression and mean are linear, so the head stays one linear layer.

    Args:
        model: The network; its head is changed in place.
        vectors: (b, v): of patients, from ``patient_vectors``, or of cells.
        truth: (b,) int64, as ``facts.targets`` returns it; none unknown.
        groups: The linked group of each patient or cell; groups stay together in the folds.
        seed: Of the folds.
        balanced: Whether each class weighs the same in all.
        weights: (b,), how much each row weighs; 1 where not given.
        repeats: How many divisions into five folds the logits are the mean over.

    Returns:
        (b, outputs) float64: given by regressions that did not see the row's group. Their penalties too were chosen
        without it.

    Raises:
        DataError: a class has no training patient, or stands in one linked group alone.
    """
    outputs = 1 if truth.max() < 2 else int(truth.max()) + 1  # noqa: PLR2004 - two classes have one logit
    each = np.ones(len(truth)) if weights is None else weights
    sources = _sources(model, vectors.shape[1])
    found = np.zeros((len(truth), outputs))
    weight, bias = np.zeros((outputs, vectors.shape[1])), np.zeros(outputs)
    for columns in sources:
        learn = _Learning(vectors[:, columns], truth, groups, each, balanced=balanced, seed=seed)
        fitted, out_of_fold = learn.on(np.ones(len(truth), dtype=bool)), learn.out_of_fold(repeats)
        share = 1 / (len(sources) * max(float(out_of_fold.std()), np.finfo(float).tiny))
        found += share * out_of_fold
        slope = np.array(fitted.coefficients) / np.array(fitted.scales)
        weight[:, columns] = share * slope
        bias += share * (np.array(fitted.intercepts) - slope @ np.array(fitted.means))
    set_head(model, weight, bias)
    return found


def head_layer(model: Network) -> nn.Linear:
    """Return the linear layer of a network's head."""
    return cast("nn.Linear", cells_of(model).head.get_submodule("linear"))


def set_head(model: Network, weight: Floats, bias: Floats) -> None:
    """Give the head's linear layer these weights, (outputs, v) and (outputs,)."""
    layer = head_layer(model)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))


def _sources(model: Network, width: int) -> list[Ints]:
    """Return the columns of a vector that come of each source of features."""
    cells = cells_of(model)
    source = np.repeat([0, 1], [cells.pooled, cells.measured])
    source = np.tile(source, width // len(source))
    return [np.flatnonzero(source == one) for one in np.unique(source)]


@dataclass(frozen=True)
class _Learning:
    """Rows to learn from."""

    values: Floats
    truth: Ints
    groups: Sequence[str]
    weights: Floats
    _: KW_ONLY
    balanced: bool
    seed: int

    def on(self, rows: npt.NDArray[np.bool_]) -> LogisticModel:
        """Return the regression that learnt from some of the rows."""
        return LogisticModel.fit(
            self.values[rows],
            self.truth[rows],
            np.array(self.groups)[rows].tolist(),
            names=[str(place) for place in range(self.values.shape[1])],
            seed=self.seed,
            classes=int(self.truth.max()) + 1,
            balanced=self.balanced,
            weights=self.weights[rows],
        )

    def out_of_fold(self, repeats: int) -> Floats:
        """Return each row's logits by regressions that did not learn from its group, (b, outputs)."""
        found = []
        for repeat in range(repeats):
            fold = patient_folds(self.truth, self.groups, FOLDS, self.seed + repeat)
            logits = [(fold == one, self.on(fold != one).logits(self.values[fold == one])) for one in np.unique(fold)]
            whole = np.empty((len(fold), logits[0][1].shape[1]))
            for rows, said in logits:
                whole[rows] = said
            found.append(whole)
        return np.asarray(np.mean(found, axis=0))
