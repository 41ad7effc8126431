"""The runs of a comparison with their scores: what the tests and the figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from leukoscope.reports.comparison_tables import RUNS
from leukoscope.studies.comparison.sides import Side


def runs_table(sides: Sequence[Side], scores: Sequence[str]) -> pl.DataFrame:
    """Return one row a run: the columns of ``reports.comparison_tables.RUNS``, then a column a score.

    Args:
        sides: The sides.
        scores: The scores' names, as in ``ScoredRun.value``.
    """
    rows: list[dict[str, Any]] = []
    for side in sides:
        for run in side.runs:
            unit = run.predictions.unit
            head = {"side": side.name, "run": run.name, "seed": run.seed, "folder": str(run.run.folder), "unit": unit}
            size = {"cells": run.predictions.table.height if unit == "cell" else None}
            size["patients"] = len(run.patient_names) or None
            rest = {"threshold": run.run.threshold, "leakage": run.record.get("leakage")}
            values = {score: run.value(score) for score in scores}
            rows.append({**head, **size, "rows_sha256": run.fingerprint, **rest, **values})
    schema: dict[str, Any] = {**RUNS, **dict.fromkeys(scores, pl.Float64())}
    return pl.DataFrame(rows, schema=schema)
