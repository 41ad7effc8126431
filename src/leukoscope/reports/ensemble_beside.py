"""What stands beside the scores of an ensemble on a page: calibration, the average, rates, costs; formatting alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.evaluation.names import smaller_is_better
from leukoscope.files import read_table
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_words import flaw_sentences
from leukoscope.reports.words import NOTHING, decimal, metric_title, of_hundred, p_value, score_words

TEXT = ("name", "kind", "state", "calibration", "note", "score", "unit", "device", "torch")
SHOWN = ("ece", "brier", "log_loss")
TIMES = {"ms_batch_1": "ms a cell, one at a time", "ms_batch_32": "ms a cell, 32 at a time"}
MILLION = 1e6

Row = dict[str, Any]


def beside_section(folder: Path, record: Row) -> Row:
    """Return what ``ensemble_beside.html`` shows, but for the figures.

    Args:
        folder: The ensemble's folder.
        record: ``ensemble.json``.

    Returns:
        ``flaw`` (sentences on the rule most_confident), ``calibration``, ``differences``, ``rates`` and ``costs``, each
        ``head`` and ``rows`` (name, kind, cells), without rows where there is no such table; ``measured`` (where the
        costs were measured, in words).
    """
    place = EnsembleFolder(Path(folder))
    calibration, differences = read_rows(place.calibration), read_rows(place.against_average)
    costs = read_rows(place.costs)
    return {
        "flaw": flaw_sentences(record, calibration, differences),
        "calibration": _calibration(record, calibration),
        "differences": _differences(record, differences),
        "rates": _rates(record, read_rows(place.rates)),
        "costs": _costs(record, costs),
        "measured": _measured(costs),
        "not_measured": [f"{row['name']}: {row['note']}" for row in costs if row["note"]],
    }


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a table: names as text, the rest as numbers; none where there is no table."""
    if not path.is_file():
        return []
    table = read_table(path, text=True)
    return table.with_columns(pl.col(name).cast(pl.Float64) for name in table.columns if name not in TEXT).to_dicts()


def score_of(row: Mapping[str, Any], name: str) -> Row:
    """Return the columns ``NAME``, ``NAME_low`` and ``NAME_high`` as a score."""
    return {"value": row.get(name), "low": row.get(f"{name}_low"), "high": row.get(f"{name}_high")}


def _named(record: Row, row: Row, cells: Sequence[str]) -> Row:
    title = row["name"] if row["kind"] == "member" else record["rules"][row["name"]]["title"]
    return {"name": title, "kind": row["kind"], "cells": list(cells)}


def _calibration(record: Row, rows: Sequence[Row]) -> Row:
    found = []
    for row in rows:
        sure = [_share(row[name]) for name in ("mean_confidence", "share_right")]
        own = _named(record, row, [*sure, *(score_words(score_of(row, name)) for name in SHOWN)])
        later = {"name": f"{own['name']}, calibrated"} if row["state"] == "after" else {}
        found.append(own | later)
    return {"head": ["Sure of", "Right on", *map(metric_title, SHOWN)], "rows": found}


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{of_hundred(value)} %"


def _differences(record: Row, rows: Sequence[Row]) -> Row:
    found = []
    for row in rows:
        said = {"value": row["difference"], "low": row["low"], "high": row["high"]}
        cells = [
            metric_title(row["score"]) + (" (less is better)" if smaller_is_better(row["score"]) else ""),
            score_words({"value": row["value"]}),
            score_words({"value": row["of_average"]}),
            score_words(said),
            p_value(row["p"]),
        ]
        found.append(_named(record, row | {"kind": "rule"}, cells))
    return {"head": ["Score", "The rule", "The average", "Difference", "p"], "rows": found}


def _rates(record: Row, rows: Sequence[Row]) -> Row:
    rates = list(dict.fromkeys(row["false_positive_rate"] for row in rows))
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        own = found.setdefault((row["kind"], row["name"]), _named(record, row, []))
        own["cells"].append(score_words(score_of(row, "false_negative_rate")))
    head = [f"Missed at {of_hundred(rate)} % false alarms" for rate in rates]
    return {"head": head, "rows": list(found.values())}


def _costs(record: Row, rows: Sequence[Row]) -> Row:
    found = [
        _named(
            record,
            row,
            [
                NOTHING if row["parameters"] is None else f"{decimal(row['parameters'] / MILLION, 2)} M",
                NOTHING if row["megabytes"] is None else f"{decimal(row['megabytes'], 1)} MB",
                NOTHING if row["views"] is None else f"{row['views']:.0f}",
                *(NOTHING if row[name] is None else decimal(row[name], 1) for name in TIMES),
            ],
        )
        for row in rows
    ]
    return {"head": ["Parameters", "Weights on disk", "Views a cell", *TIMES.values()], "rows": found}


def _measured(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    threads = int(rows[0]["threads"])
    return f"{rows[0]['device']}, {threads} {'thread' if threads == 1 else 'threads'}, torch {rows[0]['torch']}"
