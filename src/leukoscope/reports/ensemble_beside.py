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

TEXT = ("name", "kind", "state", "calibration", "note", "holds", "score", "unit", "device", "torch", "against")
DIFFERENCE = "difference"
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
        ``flaw`` (sentences on the rule most_confident), ``calibration``, ``differences``, ``rates``, ``rates_apart``
        and ``costs``, each ``head`` and ``rows`` (name, kind, cells), without rows where there is no such table;
        ``rival`` (the member that ``rates_apart`` sets all others against), ``measured`` (where the costs were
        measured, in words).
    """
    place = EnsembleFolder(Path(folder))
    calibration, differences = read_rows(place.calibration), read_rows(place.against_average)
    costs, rates = read_rows(place.costs), read_rows(place.rates)
    apart = [row for row in rates if row.get("against") is not None]
    return {
        "flaw": flaw_sentences(record, calibration, differences),
        "calibration": _calibration(record, calibration),
        "differences": _differences(record, differences),
        "rates": _rates(record, rates, "Missed at {} % false alarms", "false_negative_rate"),
        "rates_apart": _rates(record, apart, "Missed more at {} % false alarms", DIFFERENCE),
        "rival": apart[0]["against"] if apart else None,
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
    """Return the columns ``NAME``, ``NAME_low`` and ``NAME_high`` as a score; of a difference ``low`` and ``high``."""
    low, high = ("low", "high") if name == DIFFERENCE else (f"{name}_low", f"{name}_high")
    return {"value": row.get(name), "low": row.get(low), "high": row.get(high)}


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
        cells = [
            metric_title(row["score"]) + (" (less is better)" if smaller_is_better(row["score"]) else ""),
            score_words({"value": row["value"]}),
            score_words({"value": row["of_average"]}),
            score_words(score_of(row, DIFFERENCE)),
            p_value(row["p"]),
        ]
        found.append(_named(record, row | {"kind": "rule"}, cells))
    return {"head": ["Score", "The rule", "The average", "Difference", "p"], "rows": found}


def _rates(record: Row, rows: Sequence[Row], head: str, name: str) -> Row:
    rates = list(dict.fromkeys(row["false_positive_rate"] for row in rows))
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        own = found.setdefault((row["kind"], row["name"]), _named(record, row, []))
        own["cells"].append(score_words(score_of(row, name)))
    return {"head": [head.format(of_hundred(rate)) for rate in rates], "rows": list(found.values())}


def _costs(record: Row, rows: Sequence[Row]) -> Row:
    found = [
        _named(
            record,
            row,
            [
                _count_words(row["parameters"]),
                _count_words(row.get("stored")) + (f" ({row['holds']})" if row.get("holds") else ""),
                NOTHING if row["megabytes"] is None else f"{decimal(row['megabytes'], 1)} MB",
                NOTHING if row["views"] is None else f"{row['views']:.0f}",
                *(NOTHING if row[name] is None else decimal(row[name], 1) for name in TIMES),
            ],
        )
        for row in rows
    ]
    return {"head": ["Parameters", "Numbers stored", "Weights on disk", "Views a cell", *TIMES.values()], "rows": found}


def _count_words(count: float | None) -> str:
    """Return a count; millions from a hundred thousand on, so that a small head is not a count of 0.00 M."""
    if count is None:
        return NOTHING
    return f"{count:,.0f}" if count < MILLION / 10 else f"{decimal(count / MILLION, 2)} M"


def _measured(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    threads = int(rows[0]["threads"])
    return f"{rows[0]['device']}, {threads} {'thread' if threads == 1 else 'threads'}, torch {rows[0]['torch']}"
