"""The ROC, precision-recall and calibration curves of a part."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from leukoscope.evaluation.calibration import calibration_curve, confidence
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Floats

POINTS = 200
DIGITS = 6


def curves_of(material: Material) -> dict[str, Any]:
    """Return the curves as plain JSON values.

    Args:
        material: The cells.

    Returns:
        ``roc``: class to ``fpr`` and ``tpr``; ``pr``: class to ``recall`` (rising) and ``precision``; at most 200
        points each, of the positive class alone where there are two; ``calibration``: the bins that have cells. All
        are empty where there are no probabilities, and a class without cells, or of all cells, has no curve.
    """
    found: dict[str, Any] = {"roc": {}, "pr": {}, "calibration": []}
    if material.probabilities is None:
        return found
    names = material.classes.names if material.positive is None else (material.classes.positive,)
    for name in names:
        place = material.classes.index(str(name))
        truth, scores = material.truth == place, material.probabilities[:, place]
        if 0 < truth.sum() < len(truth):
            rising, caught, _ = roc_curve(truth, scores)
            found["roc"][name] = _thinned(fpr=rising, tpr=caught)
            precision, recall, _ = precision_recall_curve(truth, scores)
            found["pr"][name] = _thinned(recall=recall[::-1], precision=precision[::-1])
    found["calibration"] = calibration_curve(*confidence(material.probabilities, material.truth, material.positive))
    return found


def _thinned(**axes: Floats) -> dict[str, list[float]]:
    steps = sum(np.abs(np.diff(values)) for values in axes.values())
    way = np.concatenate([[0.0], np.cumsum(steps)])
    kept = np.arange(len(way))
    if len(way) > POINTS:
        # Points evenly spaced along the curve keep its corners; those spaced by index would crowd its flat parts.
        kept = np.unique(np.append(np.searchsorted(way, np.linspace(0, way[-1], POINTS - 1)), len(way) - 1))
    return {name: np.round(values[kept], DIGITS).tolist() for name, values in axes.items()}
