"""An operating threshold among probabilities that were calibrated: it calls the same as before."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.thresholds import Threshold
from leukoscope.predictions.table import Predictions, probability_column

RULE = "the run's threshold, calibrated"


def carried_threshold(threshold: float, calibrator: Calibrator, classes: Classes) -> Threshold:
    """Carry a threshold over to calibrated probabilities, so that it is not chosen a second time.

    A calibrator rises with the probability: whoever lies below the threshold before lies below the carried one
    afterwards, and nobody is called otherwise.

    Args:
        threshold: The threshold on probabilities that were not calibrated, 0 to 1.
        calibrator: What is done to them.
        classes: The two classes.

    Returns:
        The threshold on calibrated probabilities; ``achieved`` is the given one.

    Example:
        >>> halved = Calibrator("platt", ("hem", "all"), 40, slope=0.5)
        >>> round(carried_threshold(0.8, halved, Classes(("hem", "all"))).value, 4)
        0.6667
    """
    if threshold <= 0:  # everybody is called positive, however improbable: a calibrator knows no logit of it
        return Threshold(0.0, RULE, threshold)
    shares = {name: threshold if name == classes.positive else 1 - threshold for name in classes.names}
    row = pl.DataFrame({"id": ["threshold"], **{probability_column(name): [share] for name, share in shares.items()}})
    said = calibrator.apply(Predictions(row, classes)).probabilities()
    return Threshold(float(said[0, classes.index(str(classes.positive))]), RULE, threshold)
