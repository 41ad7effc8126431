"""One run of a comparison: its scores, its calls, and exactly which cells they are of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation import called
from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.evaluation.patients import patient_table
from leukoscope.predictions.table import Predictions
from leukoscope.runs.run import Run

LEVEL = 0.95


@dataclass(frozen=True)
class ScoredRun:
    """A finished run, seen through one of its parts.

    Args:
        name: What it is called within its side.
        run: The run.
        part: ``test`` or ``validation``.
    """

    name: str
    run: Run
    part: str

    @cached_property
    def record(self) -> dict[str, Any]:
        """What ``run.json`` says."""
        return self.run.record

    @cached_property
    def scores(self) -> dict[str, Any]:
        """What ``scores.json`` says."""
        return self.run.scores

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.record["seed"])

    @property
    def fold(self) -> int | None:
        """The fold that is its test part; None for a run whose split is no fold."""
        split = self.record["asked"].get("split") or {}  # of an ensemble of runs on several splits there is none
        return int(split["fold"]) if split.get("kind") == "folds" else None

    @property
    def scored(self) -> dict[str, Any]:
        """The part's own entry of ``scores.json``.

        Raises:
            DataError: the run has no scores of this part.
        """
        parts: dict[str, Any] = self.scores["parts"]
        if self.part not in parts:
            raise DataError(f"This run has no scores of the {self.part} part.", where=str(self.run.folder))
        found: dict[str, Any] = parts[self.part]
        return found

    def value(self, score: str) -> float | None:
        """Return a score of the part; one of its patients where the name begins with ``patient_``; None if undefined.

        Args:
            score: ``roc_auc``, ``patient_roc_auc``, ...
        """
        of_patients = score.startswith(PATIENT_SCORE)
        known = (self.scored.get("patient_scores") if of_patients else self.scored["scores"]) or {}
        found = known.get(score.removeprefix(PATIENT_SCORE))
        return None if found is None or found["value"] is None else float(found["value"])

    @cached_property
    def predictions(self) -> Predictions:
        """What the run said of the labelled rows of the part, each called at the run's own threshold."""
        said = self._said
        table = said.table.with_columns(called(said, self.run.threshold).alias("called"))
        return Predictions(table.filter(pl.col("label").is_not_null()), said.classes, said.unit)

    @cached_property
    def patients(self) -> Predictions:
        """The same for each patient that has a label: one row a patient, called as in the run's own scores.

        Raises:
            DataError: no patients are known.
        """
        return self.predictions if self.predictions.unit == "patient" else self._by(pl.col("patient"))

    @cached_property
    def independent(self) -> Predictions:
        """One row a linked group, named as it: as ``patients``, where none are linked; linked ones count as one.

        Raises:
            DataError: no patients are known.
        """
        return self._by(pl.coalesce("group", "patient"))

    @cached_property
    def fingerprint(self) -> str:
        """Which rows with which labels were scored: equal for two runs if and only if these are the same."""
        rows = self.predictions.table.select("id", "label").sort("id", "label").rows()
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    @cached_property
    def patient_names(self) -> frozenset[str]:
        """The patients of the part; empty where none are known."""
        return frozenset(self.predictions.table["patient"].drop_nulls().to_list())

    @property
    def group_names(self) -> frozenset[str]:
        """The linked groups of the part; a patient without one is its own."""
        table = self.predictions.table
        return frozenset(table.select(pl.coalesce("group", "patient"))["group"].drop_nulls().to_list())

    @property
    def cell_ids(self) -> frozenset[str]:
        """The rows' ids: cells, or patients in a run of patients."""
        return frozenset(self.predictions.table["id"].to_list())

    def _by(self, patient: pl.Expr) -> Predictions:
        """Return one row a patient, whoever counts as one."""
        rows = self.predictions.table.with_columns(patient.alias("patient")).filter(pl.col("patient").is_not_null())
        if not rows.height:
            raise DataError("The patients of these cells are not known.", where=str(self.run.folder))
        # As in ``evaluate``: what was called outright decides by majority, else the mean of the probabilities.
        own_calls = self.run.threshold is None and self._said.table["called"].null_count() < self._said.table.height
        classes = self.predictions.classes
        found = patient_table(rows, classes, threshold=self.run.threshold, by_majority=own_calls, level=LEVEL)
        columns = [name for name in self.predictions.columns if name in found.columns and not own_calls]
        known = found.filter(pl.col("label").is_not_null()).with_columns(pl.col("patient").alias("id"))
        return Predictions(known.select("id", "patient", "group", "label", "called", *columns), classes, "patient")

    @cached_property
    def _said(self) -> Predictions:
        return self.run.predictions(self.part)
