"""What a calibrator changes, on predictions that it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

from leukoscope.evaluation.calibrators import Calibrator, refuse_uncalibratable
from leukoscope.evaluation.evaluate import point_scores
from leukoscope.predictions.table import Predictions


@dataclass(frozen=True)
class CalibrationGain:
    """How well probabilities told shares before calibration and after, on one table.

    Args:
        rows: Labelled rows that it was measured on.
        ece: Expected calibration error, ten bins of equal width: before, after.
        brier: Brier score: before, after.
        log_loss: Log-loss: before, after.
    """

    rows: int
    ece: tuple[float, float]
    brier: tuple[float, float]
    log_loss: tuple[float, float]

    def __str__(self) -> str:
        pairs = {"ECE": self.ece, "Brier score": self.brier, "log-loss": self.log_loss}
        return "; ".join(f"{name} {before:.3f} before, {after:.3f} after" for name, (before, after) in pairs.items())


def calibration_gain(before: Predictions, calibrator: Calibrator) -> CalibrationGain:
    """Measure what a calibrator changes, on predictions that it was not fitted on.

    Args:
        before: Labelled predictions of the test part, not calibrated yet.
        calibrator: The calibrator.

    Raises:
        DataError: no row has a label; or see ``Calibrator.apply``.
    """
    refuse_uncalibratable(before)
    old, new = point_scores(before), point_scores(calibrator.apply(before))
    pairs = {name: (float(old[name] or 0), float(new[name] or 0)) for name in ("ece", "brier", "log_loss")}
    return CalibrationGain(before.table["label"].drop_nulls().len(), **pairs)
