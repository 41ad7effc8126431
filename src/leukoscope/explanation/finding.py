"""How well evidence finds the cells that are known to be malignant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Score, evaluate
from leukoscope.predictions.table import Predictions

OTHER, KNOWN = "other", "known"


@dataclass(frozen=True)
class CellsFound:
    """How well evidence ranks the known cells of positive patients above their other cells.

    Args:
        roc_auc: Over all their cells, with an interval that resamples patients; 0.5 is guessing.
        of_logits: The same of the cells' own mean logits, for an aggregator may give little weight to a cell that it
            sees through.
        within: The mean of the patients' own ROC AUC, of those with cells of both kinds; None where there are none.
        patients: Positive patients with cells of known truth.
        cells: Their cells.
        known: Those of them that evidence is to find.
    """

    roc_auc: Score
    of_logits: Score
    within: float | None
    patients: int
    cells: int
    known: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        scores = {"roc_auc": asdict(self.roc_auc), "of_logits": asdict(self.of_logits)}
        return {**scores, "within": self.within, "patients": self.patients, "cells": self.cells, "known": self.known}


def evidence_auc(
    table: pl.DataFrame, truth: pl.DataFrame, positive: Collection[str], *, replicates: int = 2000, seed: int = 0
) -> CellsFound:
    """Return how well the cells' evidence finds the cells that are known.

    Evidence is taken times the patient's number of cells, for a cell of a hundred adds less than a cell of ten.

    Args:
        table: ``Evidence.cells``.
        truth: ``id`` and a second, boolean column: whether the cell is one of those to find; null where unknown.
        positive: The positive patients; others are left out, for they have no such cells.
        replicates: Resamples of the interval.
        seed: Their seed.
    """
    column = next(name for name in truth.columns if name != "id")
    wanted = truth.select("id", pl.col(column).cast(pl.Boolean).alias("known")).drop_nulls()
    scored = table.with_columns(score=pl.col("evidence") * pl.len().over("patient"))
    cells = scored.filter(pl.col("patient").is_in(list(positive))).join(wanted, on="id", maintain_order="left")
    counts = (cells["patient"].n_unique(), cells.height, int(cells["known"].sum()))
    if counts[2] in {0, cells.height}:
        lacking = "known" if not counts[2] else "other"
        nothing = Score(None, reason=f"no positive patient has any {lacking} cell")
        return CellsFound(nothing, nothing, None, *counts)
    of_evidence, of_logits = (_auc(cells, column, replicates, seed) for column in ("score", "mean_logit"))
    return CellsFound(of_evidence, of_logits, _within(cells), *counts)


def _auc(cells: pl.DataFrame, column: str, replicates: int, seed: int) -> Score:
    if cells[column].null_count():
        return Score(None, reason="the cells have no logits of their own")
    # Ranks, for predictions want numbers from 0 to 1 and the ROC AUC looks at nothing but the order.
    rank = cells[column].rank("average") / (cells.height + 1)
    table = cells.select(
        "id",
        "patient",
        pl.when("known").then(pl.lit(KNOWN)).otherwise(pl.lit(OTHER)).alias("label"),
        pl.lit(KNOWN).alias("patient_label"),
    ).with_columns(p_other=1 - rank, p_known=rank)
    predictions = Predictions(table, Classes((OTHER, KNOWN)))
    return evaluate(predictions, replicates=replicates, seed=seed)["roc_auc"]


def _within(cells: pl.DataFrame) -> float | None:
    own = [
        float(roc_auc_score(rows["known"].to_numpy(), rows["evidence"].to_numpy()))
        for _, rows in cells.group_by("patient", maintain_order=True)
        if rows["known"].n_unique() > 1
    ]
    return float(np.mean(own)) if own else None
