"""The table of a study: one row a run, whatever became of it."""

from __future__ import annotations

from typing import Any, cast

import polars as pl

from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.files import read_json, read_table, write_table
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FINISHED, status_of

LOW, HIGH = "_low", "_high"
FOLD = "fold"
MILLION = 10**6
PARTS = ("preparation", "training", "scoring")
COSTS = (*PARTS, "seconds", "epoch_seconds", "parameters", "peak_memory_mb")
"""The columns of ``timings.csv`` beside ``name``."""
HEAD: dict[str, pl.DataType] = {
    "name": pl.String(),
    "variant": pl.String(),
    "seed": pl.Int64(),
    "status": pl.String(),
    "error": pl.String(),
    "leakage": pl.String(),
    "unit": pl.String(),
    "cells": pl.Int64(),
    "patients": pl.Int64(),
    "best_epoch": pl.Int64(),
    "epochs": pl.Int64(),
    "validation_metric": pl.String(),
    "validation": pl.Float64(),
    "threshold": pl.Float64(),
}
"""The columns that every table has, beside the settings that vary.

``unit`` is what the scores are of (``cell`` or ``patient``), ``cells`` and ``patients`` are those of the test part,
``best_epoch`` was chosen by ``validation_metric``, whose value then was ``validation``.
"""

Row = dict[str, Any]


def study_table(folder: StudyFolder) -> pl.DataFrame:
    """Return one row a run, in the order of the plan: from the run folders as they are now.

    Returns:
        The columns of ``HEAD``; after ``variant`` one a setting that varies (its values in words); after ``seed`` the
        ``fold`` that is the test part, counted from 0, where the study has folds; then each score of
        the test part by its name with the bounds of its own interval over patients (``roc_auc``, ``roc_auc_low``,
        ``roc_auc_high``), those of a run of cells for its patients too (``patient_roc_auc``). Null where a run is not
        finished or a score is not defined.
    """
    record = read_record(folder)
    rows = [_row(folder, run) for run in record["runs"]]
    settings = list(record["grid"])
    folded: dict[str, pl.DataType] = {FOLD: pl.Int64()} if record.get("folds") else {}
    known = {*HEAD, *settings, FOLD}
    scores = list(dict.fromkeys(name for row in rows for name in row if name not in known))
    name, variant, seed, *rest = HEAD.items()
    schema = dict([name, variant, *((one, pl.String()) for one in settings), seed, *folded.items(), *rest])
    table: dict[str, Any] = {**schema, **dict.fromkeys(scores, pl.Float64())}
    return pl.DataFrame([{name: row.get(name) for name in table} for row in rows], schema=table)


def costs_table(folder: StudyFolder) -> pl.DataFrame:
    """Return what each run that was begun has cost.

    Returns:
        ``name``, the seconds of ``preparation``, ``training`` and ``scoring`` and their sum ``seconds``, of an epoch of
        training ``epoch_seconds`` (the median), the network's ``parameters`` in millions and ``peak_memory_mb`` in MiB;
        null where there is no such number.
    """
    rows = []
    for run in read_record(folder)["runs"]:
        own = RunFolder(folder.run(run["name"]))
        record = own.read_record() if own.record.is_file() else {}
        spent = record.get("seconds") or {}
        if spent:
            found = {part: spent.get(part) for part in PARTS} | {
                "seconds": round(sum(spent.values()), 1),
                "epoch_seconds": _epoch_seconds(own),
                "parameters": _parameters(own),
                "peak_memory_mb": record.get("peak_memory_mb"),
            }
            rows.append({"name": run["name"], **found})
    return pl.DataFrame(rows, schema={"name": pl.String(), **dict.fromkeys(COSTS, pl.Float64())})


def _epoch_seconds(own: RunFolder) -> float | None:
    timings = own.path / "timings.csv"
    return cast("float | None", read_table(timings)["training_seconds"].median()) if timings.is_file() else None


def _parameters(own: RunFolder) -> float | None:
    if not own.network.is_file():
        return None
    return float(read_table(own.network)["parameters"].sum()) / MILLION


def write_study_tables(folder: StudyFolder, summary: pl.DataFrame, table: pl.DataFrame) -> None:
    """Write ``study.csv``, ``summary.csv`` and ``timings.csv``; the first two hold no times and no memory."""
    write_table(folder.table, table)
    write_table(folder.summary, summary)
    write_table(folder.timings, costs_table(folder))


def _row(folder: StudyFolder, run: Row) -> Row:
    own = RunFolder(folder.run(run["name"]))
    status = status_of(own)
    head = {"name": run["name"], "variant": run["variant"], **run["changes"], "seed": run["seed"]}
    row = {**head, FOLD: run.get("fold"), "status": status}
    if not own.record.is_file():
        return row
    record = own.read_record()
    row |= {"error": record.get("error"), "leakage": record.get("leakage")}
    return row | _finished(own, record) if status == FINISHED else row


def _finished(own: RunFolder, record: Row) -> Row:
    scores = read_json(own.scores)
    part = scores["parts"]["test"]
    # What is fitted in one go, without epochs, has no history; neither have several models together.
    history = read_table(own.path / "history.csv") if (own.path / "history.csv").is_file() else pl.DataFrame()
    best = history.filter(pl.col("epoch") == record.get("best_epoch")) if history.height else history
    metric = record["asked"]["best_epoch"]["metric"] if best.height else None
    return {
        "unit": part.get("unit", "cell"),
        "cells": None if part.get("unit") == "patient" else part["cells"],
        "patients": part["patients"],
        "best_epoch": record.get("best_epoch"),
        "epochs": history.height or None,
        "validation_metric": metric,
        "validation": None if metric is None else best[f"validation_{metric}"][0],
        "threshold": None if scores["threshold"] is None else scores["threshold"]["value"],
        **_scores(part["scores"], ""),
        **_scores(part.get("patient_scores") or {}, PATIENT_SCORE),
    }


def _scores(scores: Row, prefix: str) -> Row:
    found: Row = {}
    for name, score in scores.items():
        bounds = {f"{prefix}{name}{LOW}": score["low"], f"{prefix}{name}{HIGH}": score["high"]}
        found |= {f"{prefix}{name}": score["value"], **bounds}
    return found
