"""The tables of drift: how far pictures and answers have moved from those of the bundle's run."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.cohort.splits.labels import known_labels
from leukoscope.evaluation.distributions import LEVELS
from leukoscope.evaluation.drift import (
    ANSWERS,
    Short,
    answers_in_short,
    aspect_of,
    drift_table,
    pictures_in_short,
    shares_table,
)
from leukoscope.files import write_table
from leukoscope.pictures.appearance import ASPECTS
from leukoscope.pictures.intake import Intake
from leukoscope.predictions.table import Predictions
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.validation.home import Home

QUANTILES: dict[str, pl.DataType] = {
    "of": pl.String(),
    "name": pl.String(),
    "part": pl.String(),
    "level": pl.Float64(),
    "value": pl.Float64(),
}
"""The columns of ``quantiles.csv``: what a share ``level`` of a part (``train``, ``test``, ``here``) stays within."""


def write_drift(
    home: Home, intake: Intake, predictions: Predictions, threshold: float | None, folder: ValidationFolder
) -> None:
    """Write ``drift.csv``, ``shares.csv`` and ``quantiles.csv``.

    Args:
        home: What is known of the bundle at home.
        intake: The other cohort, looked at; the pictures whose class is known count.
        predictions: What the bundle said of it; the rows whose class is known count.
        threshold: The bundle's.
        folder: Where to.
    """
    here = known_labels(intake.cohort).select("id").join(intake.pictures, on="id", how="inner", maintain_order="left")
    known = predictions.table.filter(pl.col("label").is_not_null())
    said = Predictions(known, predictions.classes, predictions.unit)
    pictures = {part: home.pictures.get(part) for part in ("train", "test")} | {"here": pictures_in_short(here)}
    answers = {"test": home.answers, "here": answers_in_short(said, threshold)}
    write_table(folder.drift, drift_table(pictures, answers))
    write_table(folder.shares, shares_table(pictures, answers))
    rows = _rows("pictures", [one.name for one in ASPECTS], pictures)
    rows += _rows("answers", [one.name for one in ANSWERS], answers)
    write_table(folder.quantiles, pl.DataFrame(rows, schema=QUANTILES))


def _rows(of: str, names: list[str], parts: dict[str, Short | None]) -> list[dict[str, Any]]:
    found = [(name, part, aspect_of(short, name)) for name in names for part, short in parts.items()]
    return [
        {"of": of, "name": name, "part": part, "level": level, "value": value}
        for name, part, one in found
        if one is not None
        for level, value in zip(LEVELS.tolist(), one.quantiles, strict=True)
    ]
