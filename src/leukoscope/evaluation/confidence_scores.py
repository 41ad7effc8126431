"""What a rule for referring cells does on cells whose class is known: how many are referred, how right the rest are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leukoscope.evaluation.confidence import Confidence, confidences, patient_weights
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import shares_of_rows
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Floats
from leukoscope.predictions.table import Predictions

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ConfidenceScores:
    """The scores of a rule for referring on one part; intervals resample linked groups, and patients weigh alike.

    Args:
        cells: Labelled cells.
        patients: Of how many patients; None where these are not known.
        called: How many cells are called, and not referred.
        referred: The share of cells that are referred.
        referred_of: The same by true class; empty where not asked for, like ``accuracy_of``.
        accuracy: Of the cells that are called, the share that is called rightly; that which was asked for.
        accuracy_of_all: The same of all cells, as if none were referred.
        accuracy_of: Of the called cells of a class, the share that is called rightly, by true class.
    """

    cells: int
    patients: int | None
    called: int
    referred: Score
    referred_of: dict[str, Score]
    accuracy: Score
    accuracy_of_all: Score
    accuracy_of: dict[str, Score]

    def as_json(self) -> dict[str, Any]:
        """Return the scores as plain JSON values."""
        return asdict(self)


def confidence_scores(
    rule: Confidence,
    predictions: Predictions,
    threshold: float | None,
    how: Resampling | None = None,
    *,
    by_class: bool = True,
) -> ConfidenceScores:
    """Score a rule for referring on labelled cells, those of the test part.

    Args:
        rule: What decides.
        predictions: Cells with probabilities, calibrated as those that the rule was fitted on. Those without label
            are left out.
        threshold: The operating threshold on these probabilities, as of ``decide``.
        how: How intervals are made; as ``evaluate`` makes them where not given.
        by_class: Whether to score by true class, too.

    Raises:
        DataError: no cell has a label, or there are no probabilities.
    """
    how, material = how or Resampling(), material_of(predictions, threshold)
    assert material.probabilities is not None, "asked when the rule was fitted"
    patients = predictions.table.filter(predictions.table["label"].is_not_null())["patient"]
    away = rule.refers(confidences(material.probabilities, material.classes, threshold))
    right = material.called == material.truth
    names = material.classes.names if by_class else ()
    of_class = [material.truth == place for place in range(len(names))]
    everybody = np.ones(len(away), dtype=np.bool_)
    parts = [away, right & ~away, right, *(away & of for of in of_class), *(right & of & ~away for of in of_class)]
    wholes = [everybody, ~away, everybody, *of_class, *(of & ~away for of in of_class)]
    weights = patient_weights(patients)
    part, whole = _by_unit(parts, weights, material), _by_unit(wholes, weights, material)
    referred, accuracy, of_all, *rest = shares_of_rows(part, whole, material, how)
    return ConfidenceScores(
        cells=len(away),
        patients=patients.drop_nulls().n_unique() or None,
        called=int((~away).sum()),
        referred=referred,
        referred_of=dict(zip(names, rest[: len(names)], strict=True)),
        accuracy=accuracy,
        accuracy_of_all=of_all,
        accuracy_of=dict(zip(names, rest[len(names) :], strict=True)),
    )


def _by_unit(rows: Sequence[Flags], weights: Floats, material: Material) -> Floats:
    """Return what n kinds of rows weigh together in each unit, (n, G)."""
    units = material.units
    return np.stack([np.bincount(units.code, weights=weights * one, minlength=units.number) for one in rows])
