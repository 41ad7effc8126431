"""From the tables of a study's folder to one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.errors import DataError, counted
from leukoscope.files import read_json, read_table, write_text
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures.saving import save_figure
from leukoscope.reports.figures.study_bars import Panel, study_bars
from leukoscope.reports.study_figures import figure_panels, published_value
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, decimal, metric_title

SHOWN = ("balanced_accuracy", "roc_auc", "weighted_f1", "accuracy", "sensitivity", "specificity", "log_loss", "ece")
OF_PATIENTS = tuple(f"patient_{name}" for name in ("balanced_accuracy", "roc_auc"))
FIRST = ("balanced_accuracy", "roc_auc", "log_loss")
DATE_LENGTH = len("2026-11-21")

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
    peeking = read_table(place.peeking_summary).to_dicts() if place.peeking_summary.is_file() else []
    seconds = {row["name"]: row["seconds"] for row in read_table(place.timings).iter_rows(named=True)}
    context = _context(record, runs, summary, peeking, seconds)
    leaking = bool(context["leakage"])
    context["figures"] = _figures(place, figure_panels(record, runs, summary), leaking=leaking)
    write_text(place.page, environment().get_template("study.html").render(context))
    return place.page


def _context(record: Row, runs: list[Row], summary: list[Row], peeking: list[Row], seconds: Row) -> Row:
    finished = [row for row in runs if row["status"] == "finished"]
    return {
        "css": style("page.css"),
        "name": record["name"],
        "recipe": record["recipe"],
        "purpose": record["purpose"],
        "date": record["started"][:DATE_LENGTH],
        "version": record["versions"]["leukoscope"],
        "leakage": list(dict.fromkeys(row["leakage"] for row in runs if row["leakage"])),
        "runs": len(runs),
        "finished": len(finished),
        "failed": [row for row in runs if row["status"] == "failed"],
        "stopped": [row["name"] for row in runs if row["status"] not in {"finished", "failed"}],
        "unit": "patients" if record["task"] == "patients" else "cells",
        "plan": _plan(record),
        "first": [_title(score) for score in (*FIRST, *OF_PATIENTS)],
        "groups": _summary_groups(record, summary),
        "published": {"paper": record["paper"] or "", "protocol": record["protocol"] or ""},
        "peeking": [_peeking_row(row) for row in peeking if row["metric"] in SHOWN],
        "peeking_counts": _peeking_counts(peeking),
        "every": _run_table(record, runs, seconds),
    }


def _plan(record: Row) -> list[tuple[str, str]]:
    data = record["data"]
    fixed = {"run": "the seed moves it, where it is drawn", "fixed": "the same for all runs"}[record["split_seed"]]
    options = [(name.replace("_", " "), str(value)) for name, value in record["options"].items() if value]
    return [
        ("Recipe", record["recipe"]),
        ("Seeds", ", ".join(map(str, record["seeds"]))),
        *((f"Values of {name}", "; ".join(_values(record, name))) for name in record["grid"]),
        ("Split", fixed),
        ("Data", "drawn" if data is None else f"{data['name']}, {counted(data['cells'], 'cell')}"),
        *options,
        ("Command", record["command"] or NOTHING),
    ]


def _values(record: Row, name: str) -> list[str]:
    return list(dict.fromkeys(run["changes"][name] for run in record["runs"]))


def _summary_groups(record: Row, summary: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of each score's table, a row a variant."""
    published = {row["variant"]: row["published"] for row in record["variants"]}
    groups: dict[str, list[Row]] = {}
    for score in (*SHOWN, *OF_PATIENTS):
        rows = [row for row in summary if row["score"] == score]
        if any(row["runs"] for row in rows):
            groups[_title(score)] = [_summary_row(row, published[row["variant"]].get(score)) for row in rows]
    return groups


def _summary_row(row: Row, published: Any) -> Row:  # noqa: ANN401 - as a recipe writes it
    value = published_value(published)
    return {
        "variant": row["variant"],
        "runs": f"{row['runs']} of {row['planned']}",
        "short": row["runs"] < row["planned"],
        "mean": _number(row["mean"]),
        "deviation": _number(row["deviation"]),
        "range": _bounds(row["min"], row["max"]),
        "interval": _bounds(row["low"], row["high"]),
        "patients": _bounds(row["patients_low"], row["patients_high"]),
        "published": "" if value is None else decimal(value),
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


def _run_table(record: Row, runs: list[Row], seconds: Row) -> Row:
    scores = [name for name in (*FIRST, *OF_PATIENTS) if any(row.get(name) is not None for row in runs)]
    head = ["Run", *record["grid"], "Seed", "Status", "Seconds", "Best epoch", "On validation", *map(_title, scores)]
    rows = []
    for row in runs:
        best = "" if row["best_epoch"] is None else f"{row['best_epoch']} of {row['epochs']}"
        chosen = "" if row["validation"] is None else f"{decimal(row['validation'])} ({row['validation_metric']})"
        spent = seconds.get(row["name"])
        values = [str(row[name]) for name in record["grid"]]
        said = [str(row["seed"]), row["status"], NOTHING if spent is None else f"{spent:,.0f}", best, chosen]
        cells = [*values, *said, *(_number(row.get(name)) for name in scores)]
        rows.append({"name": row["name"], "status": row["status"], "cells": cells})
    return {"head": head, "rows": rows}


def _figures(place: StudyFolder, figures: list[tuple[str, list[Panel]]], *, leaking: bool) -> list[Row]:
    drawn = []
    for number, (title, panels) in enumerate(figures, start=1):
        said = "; ".join(f"{panel.title} of {bar.title}: {_number(bar.mean)}" for panel in panels for bar in panel.bars)
        figure = study_bars(panels, title, leaking=leaking)
        saved = save_figure(figure, place.figures, f"variants_{number}", f"Mean over runs. {said}.")
        drawn.append({"svg": inline_svg(saved), "width": saved.width, "alt": saved.alt})
    return drawn


def _title(score: str) -> str:
    if not score.startswith("patient_"):
        return metric_title(score)
    return f"{metric_title(score.removeprefix('patient_'))} of patients"


def _number(value: float | None) -> str:
    return NOTHING if value is None else decimal(value)


def _bounds(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{decimal(low)} to {decimal(high)}"
