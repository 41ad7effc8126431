"""Logits of patients as a table of predictions."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit, softmax

from leukoscope.cohort.classes import Classes
from leukoscope.facts.logistic import Floats
from leukoscope.facts.patients import linked
from leukoscope.predictions.table import Predictions, probability_column


def predicted(patients: pl.DataFrame, logits: Floats, classes: Classes, *, part: str, run: str) -> Predictions:
    """Return predictions of patients, a row each.

    Args:
        patients: ``patient``, ``label`` (null where unknown) and, where known, ``group``.
        logits: (b, o): the positive class's for two classes, else one a class.
        classes: The classes.
        part: What the rows are: ``test``, ``validation``.
        run: What made them, in words.
    """
    columns = {
        "id": patients["patient"],
        "patient": patients["patient"],
        "group": pl.Series(linked(patients), dtype=pl.String),
        "part": pl.Series([part] * patients.height, dtype=pl.String),
        "label": patients["label"],
        "run": pl.Series([run] * patients.height, dtype=pl.String),
    }
    likely = probabilities(logits, classes)
    columns |= {probability_column(name): pl.Series(likely[:, place]) for place, name in enumerate(classes.names)}
    if classes.binary:
        columns["logit"] = pl.Series(logits[:, 0])
    return Predictions(pl.DataFrame(columns), classes, unit="patient")


def probabilities(logits: Floats, classes: Classes) -> Floats:
    """Return each class's probability, (b, k) float64, in the order of the classes; of logits, (b, o)."""
    if not classes.binary:
        return np.asarray(softmax(logits, axis=1))
    signs = np.array([[1.0 if name == classes.positive else -1.0 for name in classes.names]])
    return np.asarray(expit(logits * signs))
