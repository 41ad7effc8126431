"""The tables of a comparison: their columns, and reading them back with names as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from leukoscope.files import read_table

TABLE: dict[str, pl.DataType] = {
    "question": pl.String(),
    "test": pl.String(),
    "unit": pl.String(),
    "score": pl.String(),
    "first": pl.String(),
    "second": pl.String(),
    "first_run": pl.String(),
    "second_run": pl.String(),
    "alternative": pl.String(),
    "first_value": pl.Float64(),
    "second_value": pl.Float64(),
    "difference": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "effect": pl.Float64(),
    "effect_is": pl.String(),
    "statistic": pl.Float64(),
    "exact": pl.Boolean(),
    "p": pl.Float64(),
    "p_holm": pl.Float64(),
    "family": pl.String(),
    "family_tests": pl.Int64(),
    "smallest_p": pl.Float64(),
    "smallest_p_holm": pl.Float64(),
    "first_number": pl.Int64(),
    "second_number": pl.Int64(),
    "patients": pl.Int64(),
    "groups": pl.Int64(),
    "cells": pl.Int64(),
    "refused": pl.String(),
    "verdict": pl.String(),
    "words": pl.String(),
}
"""The columns of ``comparison.csv``.

``question`` is ``seeds``, ``patients`` or ``calls``; ``unit`` is what the test takes as independent: ``run``,
``patient``, ``linked group of patients``, ``cell``. ``first_run`` and ``second_run`` name the pair where a test is of
two runs. ``first_value`` and ``second_value`` are the sides' (means over runs, or of the pair), ``difference`` is first
less second with its 95 % interval where the test has one. ``p_holm`` is p after Holm's correction over the
``family_tests`` tests of one ``family``; ``smallest_p`` is the smallest p that so many runs, or rows on which the calls
differ, can reach, ``smallest_p_holm`` the same after the correction. ``first_number`` and ``second_number`` are runs
where runs are compared, else the rows that this side alone calls rightly. ``patients``, ``groups`` (linked ones count
as one) and ``cells`` of the scored part stand behind the result. ``refused`` says why a test was not done;
``verdict`` what follows, ``words`` that with all the figures, in whole sentences.
"""

RUNS: dict[str, pl.DataType] = {
    "side": pl.String(),
    "run": pl.String(),
    "seed": pl.Int64(),
    "folder": pl.String(),
    "unit": pl.String(),
    "cells": pl.Int64(),
    "patients": pl.Int64(),
    "rows_sha256": pl.String(),
    "threshold": pl.Float64(),
    "leakage": pl.String(),
}
"""The columns of ``runs.csv`` before the scores; two runs were scored on the same rows if their sums are equal."""


def read_tests(path: Path) -> pl.DataFrame:
    """Return ``comparison.csv``, with the columns of ``TABLE``."""
    return _typed(read_table(path, text=True), TABLE)


def read_runs(path: Path) -> pl.DataFrame:
    """Return ``runs.csv``: the columns of ``RUNS``, then a column of numbers a score."""
    table = read_table(path, text=True)
    return _typed(table, {**RUNS, **{name: pl.Float64() for name in table.columns if name not in RUNS}})


def read_differences(path: Path) -> pl.DataFrame:
    """Return ``differences.csv``, all of it text."""
    return read_table(path, text=True)


def _typed(table: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    # Read as text first: a side may be called 1e-3 or 007, and stays so.
    return table.select(
        (pl.col(name) == "true") if kind == pl.Boolean() else pl.col(name).cast(kind) for name, kind in schema.items()
    )
