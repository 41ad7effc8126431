"""Patient by patient, the cells that the best run calls right; the patients of the negative class are marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from leukoscope.files import read_json, write_table
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.running import FINISHED
from leukoscope.training.metrics import SMALLEST_IS_BEST

OF_PATIENTS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "label": pl.String(),
    "title": pl.String(),
    "negative": pl.Boolean(),
    "cells": pl.Int64(),
    "right": pl.Int64(),
    "share_right": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "called": pl.String(),
}
"""What is said of each patient.

``label`` is null where the patient's cells are of several classes; ``negative`` is whether the label is that of the
negative class (a healthy patient, in most cohorts of two classes), null where there are more classes or no label.
``share_right`` is the patient's cell accuracy, ``low`` to ``high`` its interval over the patient's cells, ``called``
the class that the patient itself was called.
"""
COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "name": pl.String(),
    "seed": pl.Int64(),
    "validation_metric": pl.String(),
    "validation": pl.Float64(),
    "best": pl.Boolean(),
    **OF_PATIENTS,
}
"""The columns of ``patients.csv``: the best run of each variant; ``best`` marks the best of the study."""

Row = dict[str, Any]


def best_runs(table: pl.DataFrame) -> list[Row]:
    """Return the best finished run of each variant by its value on validation; the first of equals.

    Args:
        table: What ``study_table`` returned.

    Returns:
        Rows of the table, a variant each, in their order.
    """
    known = table.filter((pl.col("status") == FINISHED) & pl.col("validation").is_not_null())
    found = (own.to_dicts() for _, own in known.group_by("variant", maintain_order=True))
    return [_best(own) for own in found]


def patient_rows(part: Mapping[str, Any]) -> pl.DataFrame:
    """Return a part's patients, those with the smallest share of right cells first.

    Args:
        part: A part of ``scores.json`` (``Scores.as_json``).

    Returns:
        One row a patient with the columns of ``OF_PATIENTS``; none where the rows of the part are patients.
    """
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    said = [
        {**row, "title": titles.get(row["label"]), "negative": _is_negative(row["label"], part["positive"])}
        for row in part["by_patient"] or []
    ]
    rows = [{name: row[name] for name in OF_PATIENTS} for row in said]
    return pl.DataFrame(rows, schema=OF_PATIENTS).sort("share_right", "patient")


def patient_accuracy_table(folder: StudyFolder, table: pl.DataFrame) -> pl.DataFrame:
    """Return the patients of the test part of each variant's best run, with the columns of ``COLUMNS``.

    The best run of the study is the best of these; where variants were chosen by different metrics, of those that were
    chosen by the first one's.

    Args:
        folder: The study's folder.
        table: What ``study_table`` returned.
    """
    runs = best_runs(table)
    alike = [run for run in runs if run["validation_metric"] == runs[0]["validation_metric"]]
    best = _best(alike)["name"] if alike else None
    found = [pl.DataFrame(schema=COLUMNS)]
    for run in runs:
        part = read_json(RunFolder(folder.run(run["name"])).scores)["parts"]["test"]
        head = {name: run[name] for name in list(COLUMNS)[:5]} | {"best": run["name"] == best}
        said = [pl.lit(value, COLUMNS[name]).alias(name) for name, value in head.items()]
        found.append(patient_rows(part).select(*said, *OF_PATIENTS))
    return pl.concat(found)


def write_patient_accuracy(folder: StudyFolder, table: pl.DataFrame) -> None:
    """Write ``patients.csv``, where runs of cells with known patients are finished."""
    patients = patient_accuracy_table(folder, table)
    if patients.height:
        write_table(folder.patients, patients)


def _is_negative(label: str | None, positive: str | None) -> bool | None:
    return None if label is None or positive is None else label != positive


def _best(runs: list[Row]) -> Row:
    smallest = runs[0]["validation_metric"] in SMALLEST_IS_BEST
    return min(runs, key=lambda run: run["validation"] if smallest else -run["validation"])
