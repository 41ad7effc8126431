"""The section ``calibration`` of ``scores.json``: what calibrating does on the test part."""

from __future__ import annotations

from typing import Any

from leukoscope.evaluation import Calibrator, calibration_gain, evaluate
from leukoscope.predictions.table import Predictions


def calibration_section(calibrator: Calibrator, test: Predictions, threshold: float | None) -> dict[str, Any]:
    """Return what calibrating does.

    Args:
        calibrator: Fitted on the validation part.
        test: The test part's predictions, not calibrated.
        threshold: The bundle's, on calibrated probabilities; None for more than two classes.

    Returns:
        ``kind``, ``fitted_on``, ``cells`` or ``patients`` (how many were tested), ``notes``; ``ece``, ``brier`` and
        ``log_loss`` ``before`` and ``after``; where something is calibrated also ``bundle``: ``ece``, ``brier`` and
        ``patient_scores`` with intervals of what the bundle says, which calls patients by their cells' calibrated mean.
    """
    gain = calibration_gain(test, calibrator)
    measured = (("ece", gain.ece), ("brier", gain.brier), ("log_loss", gain.log_loss))
    found: dict[str, Any] = {
        "kind": calibrator.kind,
        "fitted_on": calibrator.rows,
        f"{test.unit}s": gain.rows,
        "notes": list(calibrator.notes),
        **{name: {"before": before, "after": after} for name, (before, after) in measured},
    }
    if calibrator.kind != "none":
        said = evaluate(calibrator.apply(test), threshold=threshold).as_json()
        scores = {name: said["scores"][name] for name in ("ece", "brier")}
        found["bundle"] = {**scores, "patient_scores": said["patient_scores"]}
    return found
