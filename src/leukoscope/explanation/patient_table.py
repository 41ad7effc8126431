"""What is said of each explained patient, beside the evidence: name of the file, label, call, probability, interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import called
from leukoscope.explanation.evidence import Evidence, plain_probability
from leukoscope.explanation.file_stems import file_stems
from leukoscope.predictions.table import Predictions, probability_column

# A probability that differs by more from that of the pictures' logit had something else added to it.
SAME = 1e-3
COLUMNS = (
    "patient",
    "stem",
    "label",
    "called",
    "referred",
    "reason",
    "explained",
    "probability",
    "low",
    "high",
    "cells",
    "logit",
    "evidence",
    "sums",
)


def patient_table(
    evidence: Evidence,
    predictions: Predictions,
    *,
    threshold: float | None,
    referred: Mapping[str, str],
    intervals: pl.DataFrame | None,
    moved: bool,
) -> pl.DataFrame:
    """Return the table of explained patients.

    Args:
        evidence: Their evidence.
        predictions: What is said of each patient in the end; the column ``patient`` names them.
        threshold: The operating threshold; None for the most probable class.
        referred: Why each patient who is referred to a further test is so.
        intervals: ``patient``, ``low``, ``high`` of the probability, instead of those over draws of cells.
        moved: Whether the evidence's intervals already speak of the final probability; where not, a patient whose
            probability is not that of the pictures alone has none.

    Returns:
        A row a patient, in the order of ``evidence``: ``COLUMNS``.

    Raises:
        DataError: a patient has no prediction, or two.
    """
    classes = predictions.classes
    said = predictions.table.with_columns(called(predictions, threshold).alias("called"))
    table = evidence.patients.with_columns(_explained(evidence, classes))
    joined = table.join(said.drop("logit", strict=False), on="patient", how="left", maintain_order="left")
    _refuse_unmatched(joined, table)
    probability = pl.coalesce(
        pl.when(pl.col("explained") == name).then(pl.col(probability_column(name))) for name in classes.names
    )
    stems = file_stems(table["patient"])
    joined = joined.with_columns(
        probability.alias("probability"),
        pl.col("patient").replace_strict(stems, return_dtype=pl.String).alias("stem"),
        pl.col("patient").is_in(list(referred)).alias("referred"),
        pl.Series("reason", [referred.get(name) for name in joined["patient"]], dtype=pl.String),
    )
    return _with_intervals(joined, intervals, binary=classes.binary, moved=moved).select(*COLUMNS)


def _explained(evidence: Evidence, classes: Classes) -> pl.Series:
    names = [str(classes.positive) if classes.binary else classes.names[place] for place in evidence.patients["output"]]
    return pl.Series("explained", names, dtype=pl.String)


def _refuse_unmatched(joined: pl.DataFrame, table: pl.DataFrame) -> None:
    lacking = joined.filter(pl.col("called").is_null())["patient"]
    if len(lacking):
        what = "A patient with evidence has no prediction."
        raise DataError(what, where=f"patient {lacking[0]}", more=len(lacking) - 1)
    twice = joined.filter(pl.col("patient").is_duplicated())["patient"].unique(maintain_order=True)
    if joined.height > table.height:
        raise DataError("A patient has two predictions.", where=f"patient {twice[0]}", more=len(twice) - 1)


def _with_intervals(joined: pl.DataFrame, intervals: pl.DataFrame | None, *, binary: bool, moved: bool) -> pl.DataFrame:
    if intervals is not None:
        own = intervals.select("patient", "low", "high")
        return joined.drop("low", "high").join(own, on="patient", how="left", maintain_order="left")
    if moved or not binary:
        return joined
    alone = plain_probability(0, joined.select("logit").to_numpy(), 0)
    same = pl.Series(np.abs(alone - joined["probability"].to_numpy()) <= SAME)
    return joined.with_columns(pl.when(same).then(pl.col(name)).alias(name) for name in ("low", "high"))
