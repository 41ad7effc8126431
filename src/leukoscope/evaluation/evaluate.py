"""Scoring a table of predictions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation.calling import EVEN, called, places
from leukoscope.evaluation.curves import curves_of
from leukoscope.evaluation.names import OF_PATIENTS, names_for, names_of_a_class
from leukoscope.evaluation.notes import notes_on
from leukoscope.evaluation.patients import patient_material, patient_table
from leukoscope.evaluation.scores import PATIENT_SCHEMA, ClassScores, Scores
from leukoscope.evaluation.scoring import Resampling, described, plain_scores, scores_with_intervals
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import units_of
from leukoscope.predictions.table import Predictions, Unit


def evaluate(
    predictions: Predictions,
    *,
    threshold: float | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Scores:
    """Score predictions, with intervals that resample linked groups of patients.

    Rows without label are left out. What is resampled together is the linked group (column ``group``), else the
    patient, else the single cell, always within its class; the interval's ``unit`` and ``method`` say so. Where the
    rows are patients (``Predictions.unit``), the scores are theirs, and nothing is said of patients a second time.

    Args:
        predictions: Predictions with labels: probabilities, or called classes only (then the scores that need
            probabilities are n/a).
        threshold: The operating threshold on the positive class's probability, 0 to 1; what decides where it is not
            given is said at ``called``.
        level: The coverage that the intervals aim at, between 0 and 1.
        replicates: How many resamples, 100 or more; 0 for no intervals.
        seed: The seed of the resamples.

    Raises:
        DataError: no row has a label; a patient has two labels or stands in two linked groups.
        SettingsError: a threshold, level or number of replicates that makes no sense here.
    """
    how, classes = Resampling(level, replicates, seed), predictions.classes
    own_calls = threshold is None and predictions.table["called"].null_count() < predictions.table.height
    table = _labelled(predictions, threshold)
    material = _material(table, predictions)
    tallies = Tallies(material)
    found = scores_with_intervals(tallies, how)
    named = table.filter(pl.col("patient").is_not_null()) if predictions.unit == "cell" else table.clear()
    patients = patient_table(named, classes, threshold=threshold, by_majority=own_calls, level=level)
    of_a_class = names_of_a_class(binary=classes.binary)
    told = patients if predictions.unit == "cell" else None
    return Scores(
        part=_part(table),
        cells=table.height,
        patients=_patients(predictions.unit, table),
        groups=material.units.number,
        classes=classes,
        threshold=None if own_calls or not classes.binary else (EVEN if threshold is None else threshold),
        interval=described(material, how),
        scores={name: found[None, name] for name in names_for(binary=classes.binary)},
        per_class={
            name: ClassScores(int(support), {score: found[name, score] for score in of_a_class})
            for name, support in zip(classes.names, material.support, strict=True)
        },
        confusion=tuple(tuple(row) for row in tallies.confusion().tolist()),
        by_patient=patients.select(*PATIENT_SCHEMA),
        **_of_patients(patient_material(patients, classes), how),
        curves=curves_of(material),
        notes=notes_on(
            material,
            told,
            unlabelled=predictions.table.height - table.height,
            own_calls=own_calls,
            referred=table["referred"] if "referred" in table.columns else None,
        ),
        leakage=predictions.leakage,
        unit=predictions.unit,
    )


def point_scores(predictions: Predictions, *, threshold: float | None = None) -> dict[str, float | None]:
    """Return the scores of all rows without intervals: fast enough for every epoch.

    Args:
        predictions: As in ``evaluate``.
        threshold: As in ``evaluate``.

    Returns:
        Name to value; None where a score is not defined.

    Raises:
        DataError: no row has a label.
        SettingsError: a threshold that makes no sense here.
    """
    values = plain_scores(Tallies(material_of(predictions, threshold)))
    return {score: None if math.isnan(value) else value for (name, score), value in values.items() if name is None}


def material_of(predictions: Predictions, threshold: float | None = None) -> Material:
    """Return the labelled rows of predictions as material for scores.

    Args:
        predictions: As in ``evaluate``.
        threshold: As in ``evaluate``.

    Raises:
        DataError: no row has a label.
        SettingsError: a threshold that makes no sense here.
    """
    return _material(_labelled(predictions, threshold), predictions)


def _labelled(predictions: Predictions, threshold: float | None) -> pl.DataFrame:
    table = predictions.table.with_columns(called(predictions, threshold).alias("called"))
    table = table.filter(pl.col("label").is_not_null())
    if not table.height:
        raise DataError(
            f"No {predictions.unit} of these predictions has a label, so nothing can be scored.",
            do="Give a table of the true labels: --labels.",
        )
    return table


def _material(table: pl.DataFrame, predictions: Predictions) -> Material:
    classes = predictions.classes
    truth, declared = places(table["label"], classes), places(table["patient_label"], classes)
    probabilities = table.select(predictions.columns).to_numpy() if predictions.has_probabilities else None
    wide = None if probabilities is None else probabilities.astype(np.float64)
    units = units_of(table, truth, declared, len(classes))
    return Material(truth, places(table["called"], classes), wide, classes, units)


def _patients(unit: Unit, table: pl.DataFrame) -> int | None:
    if unit == "patient":
        return table.height
    return None if table["patient"].null_count() else table["patient"].n_unique()


def _part(table: pl.DataFrame) -> str:
    named = table["part"].unique()
    return str(named[0]) if len(named) == 1 and named[0] is not None else "all"


def _of_patients(material: Material, how: Resampling) -> dict[str, Any]:
    if not len(material.truth):
        return {"patient_scores": None, "patient_interval": None}
    found = scores_with_intervals(Tallies(material), how)
    wanted = [name for name in OF_PATIENTS if (None, name) in found]
    return {
        "patient_scores": {name: found[None, name] for name in wanted},
        "patient_interval": described(material, how),
    }
