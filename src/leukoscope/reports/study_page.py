"""From the tables of a study's folder to one page that needs nothing else."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError, counted
from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.files import read_json, read_table, write_text
from leukoscope.reports import score_rows
from leukoscope.reports.published_figure import published_figure
from leukoscope.reports.study_classes import class_tables
from leukoscope.reports.study_courses import MOST_VARIANTS, course_figures
from leukoscope.reports.study_drawing import draw_curves, draw_patients, draw_variants
from leukoscope.reports.study_figures import figure_panels, published_scores
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.study_groups import group_tables
from leukoscope.reports.study_pooled import pooled_tables
from leukoscope.reports.study_spread import protocols, spread_groups
from leukoscope.reports.study_words import over_words
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, day_of, decimal, metric_title

SHOWN = (
    "balanced_accuracy",
    "roc_auc",
    "weighted_f1",
    "accuracy",
    "macro_f1",
    "sensitivity",
    "specificity",
    "log_loss",
    "ece",
)
OF_PATIENTS = tuple(f"{PATIENT_SCORE}{name}" for name in ("balanced_accuracy", "roc_auc"))
OF_TWO = ("balanced_accuracy", "roc_auc", "log_loss")
OF_SEVERAL = ("accuracy", "macro_f1")
"""The scores that the page begins with, of two classes and of more."""
COST_TITLES = {
    "seconds": "Seconds",
    "epoch_seconds": "Seconds an epoch",
    "parameters": "Parameters (millions)",
    "peak_memory_mb": "Memory (MiB)",
}

Row = dict[str, Any]


def write_study_page(folder: Path) -> Path:
    """Write ``study.html`` and ``figures/`` from the tables of a study, and from nothing else.

    The page is one file: no script, no request to anywhere. A study that is not finished says so.

    Args:
        folder: The study's folder.

    Returns:
        The page.

    Raises:
        DataError: there is no study, or a table is missing or damaged.
    """
    place = StudyFolder(Path(folder))
    if not place.record.is_file():
        raise DataError("This folder holds no study.", where=str(place.path), do="Name the --out of a sweep.")
    record: Row = read_json(place.record)
    runs, summary = read_table(place.table).to_dicts(), read_table(place.summary).to_dicts()
    peeking = _rows_of(place.peeking_summary)
    costs = {row["name"]: row for row in read_table(place.timings).iter_rows(named=True)}
    context = _context(record, runs, summary, peeking, costs)
    leaking = bool(context["leakage"])
    context["figures"] = draw_variants(
        place, figure_panels(record, runs, summary), leaking=leaking, over=over_words(record)
    )
    curves = _rows_of(place.curves)
    context["curves"] = draw_curves(place, course_figures(curves), leaking=leaking)
    context["not_drawn"] = max(0, len({row["variant"] for row in curves}) - MOST_VARIANTS)
    context["classes"] = class_tables(_rows_of(place.classes))
    context["class_groups"] = group_tables(_rows_of(place.groups))
    context["pooled"] = pooled_tables(_rows_of(place.pooled))
    best = [row for row in _rows_of(place.patients) if row["best"]]
    context["patients"] = _best_run(best) | {"figures": draw_patients(place, best, leaking=leaking)}
    write_text(place.page, environment().get_template("study.html").render(context))
    return place.page


def _context(record: Row, runs: list[Row], summary: list[Row], peeking: list[Row], costs: Row) -> Row:
    finished = [row for row in runs if row["status"] == "finished"]
    first = _first(summary)
    return {
        "css": style("page.css"),
        "name": record["name"],
        "recipe": record["recipe"],
        "purpose": record["purpose"],
        "date": day_of(record["started"]),
        "version": record["versions"]["leukoscope"],
        "leakage": list(dict.fromkeys(row["leakage"] for row in runs if row["leakage"])),
        "runs": len(runs),
        "over": over_words(record),
        "folds": record.get("folds"),
        "finished": len(finished),
        "failed": [row for row in runs if row["status"] == "failed"],
        "stopped": [row["name"] for row in runs if row["status"] not in {"finished", "failed"}],
        "unit": "patients" if record["task"] == "patients" else "cells",
        "plan": _plan(record),
        "choices": [_choice(variant, choice) for variant, choice in record.get("choices", {}).items()],
        "rescored": sum("rescored_from" in run for run in record["runs"]),
        "first": [metric_title(score) for score in (*first, *published_scores(record))],
        "groups": _summary_groups(record, summary),
        "spread": spread_groups(summary),
        "published": [row | {"peeking": score_rows.peeking(row["protocol"])} for row in protocols(summary)],
        "peeking": [_peeking_row(row) for row in peeking if row["metric"] in SHOWN],
        "peeking_counts": _peeking_counts(peeking),
        "every": _run_table(record, runs, costs, first),
    }


def _first(summary: list[Row]) -> tuple[str, ...]:
    """Return the scores that the page begins with; sensitivity is of two classes only, so it tells how many there are.

    Where no run is finished, nothing is shown of either.
    """
    two = any(row["score"] == "sensitivity" and row["runs"] for row in summary)
    return (*(OF_TWO if two else OF_SEVERAL), *OF_PATIENTS)


def _rows_of(table: Path) -> list[Row]:
    """Return the rows of a table that not every study has."""
    return read_table(table).to_dicts() if table.is_file() else []


def _best_run(rows: list[Row]) -> Row:
    """Return what is said of the run whose patients are shown."""
    if not rows:
        return {}
    first = rows[0]
    chosen = f"{decimal(first['validation'])} ({metric_title(first['validation_metric'])})"
    negative = sum(bool(row["negative"]) for row in rows)
    return {"name": first["name"], "chosen": chosen, "negative": negative, "all": len(rows)}


def _plan(record: Row) -> list[tuple[str, str]]:
    data = record["data"]
    one = record.get("one_split", record["split_seed"] == "fixed")
    fixed = "the same for all runs" if one else "the seed moves it, where it is drawn"
    if record.get("folds"):
        fixed = "one division for all seeds" if one else "the seed deals the cells anew"
    folds = [("Folds", f"{record['folds']}, each the test part of one run")] if record.get("folds") else []
    options = [(name.replace("_", " "), str(value)) for name, value in record["options"].items() if value]
    return [
        ("Recipe", record["recipe"]),
        ("Seeds", ", ".join(map(str, record["seeds"]))),
        *((f"Values of {name}", "; ".join(_values(record, name))) for name in record["grid"]),
        *folds,
        ("Split", fixed),
        ("Data", "drawn" if data is None else f"{data['name']}, {counted(data['cells'], 'cell')}"),
        *options,
        ("Command", record["command"] or NOTHING),
    ]


def _choice(variant: str, choice: Row) -> Row:
    """Return what is said of a choice: for which variant, by what, and each value with what came of it."""
    tried = [_tried(found, chosen=found["settings"] == choice["chosen"]) for found in choice["tried"]]
    return {"variant": variant, "seed": choice["seed"], "metric": metric_title(choice["metric"]), "tried": tried}


def _tried(found: Row, *, chosen: bool) -> Row:
    settings = ", ".join(f"{name}={value}" for name, value in found["settings"].items())
    value = NOTHING if found["validation"] is None else decimal(found["validation"])
    return {"settings": settings, "value": value, "error": found["error"], "chosen": chosen}


def _values(record: Row, name: str) -> list[str]:
    return list(dict.fromkeys(run["changes"][name] for run in record["runs"]))


def _summary_groups(record: Row, summary: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of each score's table, a row a variant."""
    published = {row["variant"]: row["published"] for row in record["variants"]}
    groups: dict[str, list[Row]] = {}
    for score in (*SHOWN, *OF_PATIENTS):
        rows = [row for row in summary if row["score"] == score]
        if any(row["runs"] for row in rows):
            groups[metric_title(score)] = [_summary_row(row, published[row["variant"]].get(score)) for row in rows]
    return groups


def _summary_row(row: Row, published: Any) -> Row:  # noqa: ANN401 - as a recipe writes it
    figure = published_figure(published)
    return {
        "variant": row["variant"],
        "runs": f"{row['runs']} of {row['planned']}",
        "short": row["runs"] < row["planned"],
        "mean": _number(row["mean"]),
        "deviation": _number(row["deviation"]),
        "range": _bounds(row["min"], row["max"]),
        "interval": _bounds(row["low"], row["high"]),
        "patients": _bounds(row["patients_low"], row["patients_high"]),
        "published": "" if figure is None else figure.words,
    }


def _peeking_row(row: Row) -> Row:
    return {
        "variant": row["variant"],
        "title": metric_title(row["metric"]),
        "peeking": _number(row["peeking_mean"]),
        "peeking_interval": _bounds(row["peeking_low"], row["peeking_high"]),
        "honest": _number(row["honest_mean"]),
        "honest_interval": _bounds(row["honest_low"], row["honest_high"]),
        "honest_patients": _bounds(row["honest_patients_low"], row["honest_patients_high"]),
    }


def _peeking_counts(peeking: list[Row]) -> dict[str, str]:
    """Return of how many runs, and values of each, the figures of every variant are means: ``5``, or ``4 to 5``."""
    names = ("peeking_runs", "peeking_values", "honest_runs")
    known = {name: [row[name] or 0 for row in peeking] for name in names}
    return {name: _span(min(values), max(values)) for name, values in known.items() if values}


def _span(fewest: int, most: int) -> str:
    return str(most) if fewest == most else f"{fewest} to {most}"


def _run_table(record: Row, runs: list[Row], costs: Row, first: tuple[str, ...]) -> Row:
    scores = [name for name in first if any(row.get(name) is not None for row in runs)]
    known = [name for name in COST_TITLES if any(own.get(name) is not None for own in costs.values())]
    folded = ["fold"] if record.get("folds") else []
    head = ["Run", *record["grid"], "Seed", *map(str.capitalize, folded), "Status", *map(metric_title, scores)]
    head += [*(COST_TITLES[name] for name in known), "Best epoch", "On validation"]
    rows = []
    for row in runs:
        best = "" if row["best_epoch"] is None else f"{row['best_epoch']} of {row['epochs']}"
        chosen = "" if row["validation"] is None else f"{decimal(row['validation'])} ({row['validation_metric']})"
        spent = costs.get(row["name"], {})
        cells = [str(row[name]) for name in (*record["grid"], "seed", *folded, "status")]
        cells += [_number(row.get(name)) for name in scores]
        cells += [*(_cost(spent.get(name)) for name in known), best, chosen]
        rows.append({"name": row["name"], "status": row["status"], "cells": cells})
    return {"head": head, "rows": rows}


def _cost(value: float | None) -> str:
    """Return a cost with two significant figures, or whole where it is larger."""
    if value is None:
        return NOTHING
    places = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{places}f}"


def _number(value: float | None) -> str:
    return NOTHING if value is None else decimal(value)


def _bounds(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{decimal(low)} to {decimal(high)}"
