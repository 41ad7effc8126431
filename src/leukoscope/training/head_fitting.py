"""A head that is fitted at once, by logistic regression, on what a frozen network makes of each patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from leukoscope.facts.folds import Ints, patient_folds
from leukoscope.facts.logistic import Floats, LogisticModel
from leukoscope.models.bags import Bags
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
    outputs = 1 if truth.max() < 2 else int(truth.max()) + 1  # noqa: PLR2004 - two classes have one logit
    sources = _sources(model, vectors.shape[1])
    found = np.zeros((len(truth), outputs))
    weight, bias = np.zeros((outputs, vectors.shape[1])), np.zeros(outputs)
    for columns in sources:
        fitted, out_of_fold = _fit(vectors[:, columns], truth, groups, balanced=balanced, seed=seed)
        share = 1 / (len(sources) * max(float(out_of_fold.std()), np.finfo(float).tiny))
        found += share * out_of_fold
        slope = np.array(fitted.coefficients) / np.array(fitted.scales)
        weight[:, columns] = share * slope
        bias += share * (np.array(fitted.intercepts) - slope @ np.array(fitted.means))
    _set(model, weight, bias)
    return found


def _sources(model: PatientModel, width: int) -> list[Ints]:
    """Return the columns of a patient's vector that come of each source of features."""
    source = np.repeat([0, 1], [model.cells.backbone.features, model.cells.measured])
    source = np.tile(source, width // len(source))
    return [np.flatnonzero(source == one) for one in np.unique(source)]


def _fit(
    values: Floats, truth: Ints, groups: Sequence[str], *, balanced: bool, seed: int
) -> tuple[LogisticModel, Floats]:
    names, classes = [str(place) for place in range(values.shape[1])], int(truth.max()) + 1
    of = np.array(groups)

    def fitted(rows: npt.NDArray[np.bool_]) -> LogisticModel:
        chosen = of[rows].tolist()
        return LogisticModel.fit(
            values[rows], truth[rows], chosen, names=names, seed=seed, classes=classes, balanced=balanced
        )

    whole = fitted(np.ones(len(truth), dtype=bool))
    out_of_fold = np.zeros((len(truth), len(whole.intercepts)))
    for repeat in range(REPEATS):
        fold = patient_folds(truth, groups, FOLDS, seed + repeat)
        for one in np.unique(fold):
            out_of_fold[fold == one] += fitted(fold != one).logits(values[fold == one]) / REPEATS
    return whole, out_of_fold


def _set(model: PatientModel, weight: Floats, bias: Floats) -> None:
    layer = cast("nn.Linear", model.cells.head.get_submodule("linear"))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
