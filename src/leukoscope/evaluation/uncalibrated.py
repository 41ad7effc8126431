"""Probabilities as they were before a calibrator changed them."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import special

from leukoscope.evaluation.calibrators import RAW, TINY, Calibrator
from leukoscope.predictions.table import Predictions


def uncalibrated(predictions: Predictions, calibrator: Calibrator) -> Predictions:
    """Return predictions as they were before ``Calibrator.apply``.

    Of two classes the logit from before was kept; of more the temperature is taken back.

    Args:
        predictions: What ``calibrator.apply`` returned; others are returned as they are.
        calibrator: The calibrator.

    Example:
        >>> from leukoscope.cohort.classes import Classes
        >>> plain = Predictions(pl.DataFrame({"id": ["a"], "p_hem": [0.2], "p_all": [0.8]}), Classes(("hem", "all")))
        >>> halved = Calibrator("platt", ("hem", "all"), 40, slope=0.5)
        >>> uncalibrated(halved.apply(plain), halved).probabilities().round(6).tolist()
        [[0.2, 0.8]]
    """
    table, classes = predictions.table, predictions.classes
    if calibrator.kind == "none" or RAW not in table.columns:
        return predictions
    if classes.positive is None:
        logs = np.log(np.clip(predictions.probabilities(), TINY, 1))
        shares, columns = special.softmax(logs / calibrator.slope, axis=1), list[pl.Series]()
    else:
        logits = table[RAW].cast(pl.Float64).to_numpy()
        share = special.expit(logits)
        shares = np.stack([1 - share, share] if classes.index(classes.positive) else [share, 1 - share], axis=1)
        columns = [pl.Series("logit", logits)]
    columns += [pl.Series(name, shares[:, place]) for place, name in enumerate(predictions.columns)]
    return Predictions(table.drop(RAW).with_columns(columns), classes, predictions.unit)
