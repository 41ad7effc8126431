"""A head that is fitted at once, by logistic regression, on what a frozen network makes of each patient or cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    model: PatientModel, vectors: Floats, truth: Ints, groups: Sequence[str], *, balanced: bool, seed: int
) -> Floats:
    """Fit the head to training patients, and return their logits out of fold.

    Each source of features (the backbone, the named measures) has a logistic regression of its own; the head's logit
    is the mean of theirs, each divided by the deviation of its out-of-fold logits: a source of a thousand numbers does
    not drown one of ten. Both regression and mean are linear, so the head stays one linear layer.

    Args:
        model: The network; its head is changed in place.
        vectors: (b, v), from ``patient_vectors``.
        truth: (b,) int64, as ``facts.targets`` returns it; none unknown.
        groups: The linked group of each patient; groups stay together in the folds.
        balanced: Whether each class weighs the same in all.
        seed: Of the folds.

    Returns:
        (b, outputs) float64: given by regressions that did not see the patient's group, the mean over two divisions
        into five folds.

    Raises:
        DataError: a class has no training patient, or stands in one linked group alone.
    """
    outputs = _outputs(truth)
    sources = sources_of(model, vectors.shape[1])
    found = np.zeros((len(truth), outputs))
    weight, bias = np.zeros((outputs, vectors.shape[1])), np.zeros(outputs)
    for columns in sources:
        learning = Learning(vectors[:, columns], truth, groups, np.ones(len(truth)), balanced=balanced, seed=seed)
        fitted, out_of_fold = learning.whole(), learning.out_of_fold(REPEATS)
        share = 1 / (len(sources) * max(float(out_of_fold.std()), np.finfo(float).tiny))
        found += share * out_of_fold
        slope, intercept = as_line(fitted)
        weight[:, columns] = share * slope
        bias += share * intercept
    set_head(model, weight, bias)
    return found


def set_head(model: Network, weight: Floats, bias: Floats) -> None:
    """Give the head's linear layer these weights, (outputs, v) and (outputs,)."""
    layer = cast("nn.Linear", cells_of(model).head.get_submodule("linear"))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))


def as_line(fitted: LogisticModel) -> tuple[Floats, Floats]:
    """Return a regression's slopes and intercepts on inputs that are not standardised, (o, f) and (o,)."""
    slope = np.array(fitted.coefficients) / np.array(fitted.scales)
    return slope, np.array(fitted.intercepts) - slope @ np.array(fitted.means)


def sources_of(model: Network, width: int) -> list[Ints]:
    """Return the columns, of vectors so wide, that come of each source: the backbone, and measures if there are any."""
    cells = cells_of(model)
    source = np.repeat([0, 1], [cells.pooled, cells.measured])
    source = np.tile(source, width // len(source))
    return [np.flatnonzero(source == one) for one in np.unique(source)]


@dataclass(frozen=True)
class Learning:
    """Patients, or cells, to fit a logistic regression to.

    Args:
        values: (n, f), what the regression sees of them.
        truth: (n,) int64, as ``facts.targets`` returns it.
        groups: The linked group of each.
        weights: (n,), what each weighs.
        balanced: Whether each class weighs the same in all.
        seed: Of the folds.
    """

    values: Floats
    truth: Ints
    groups: Sequence[str]
    weights: Floats
    _: KW_ONLY
    balanced: bool
    seed: int

    def whole(self) -> LogisticModel:
        """Return the regression that learnt from all rows."""
        return self.on(np.ones(len(self.truth), dtype=bool))

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

    def out_of_fold(self, repeats: int, after_fold: Callable[[], None] = lambda: None) -> Floats:
        """Return each row's logits by regressions that did not learn from its group, (n, outputs) float64.

        Their penalties too were chosen without the group.

        Args:
            repeats: How many divisions into five folds the logits are the mean over.
            after_fold: Called after each fold, for progress.

        Raises:
            DataError: a class stands in one linked group alone.
        """
        found = []
        for repeat in range(repeats):
            fold = patient_folds(self.truth, self.groups, FOLDS, self.seed + repeat)
            whole = np.empty((len(fold), _outputs(self.truth)))
            for one in np.unique(fold):
                whole[fold == one] = self.on(fold != one).logits(self.values[fold == one])
                after_fold()
            found.append(whole)
        return np.asarray(np.mean(found, axis=0))


def _outputs(truth: Ints) -> int:
    """Return the number of logits: one for two classes."""
    return 1 if truth.max() < 2 else int(truth.max()) + 1  # noqa: PLR2004
