"""Class by class over the runs of a study, folds above all: mean and deviation, and what was published beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from leukoscope.files import read_json, write_table
from leukoscope.reports.published_figure import OF_CLASSES, published_figure
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FINISHED
from leukoscope.studies.summary import over_runs

SCORES = ("precision", "recall", "f1", "roc_auc", "accuracy")
"""The scores of a class that are summed up; the accuracy of more than two classes only."""
SPREAD = ("runs", "mean", "deviation", "min", "max")
COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "class": pl.String(),
    "title": pl.String(),
    "score": pl.String(),
    "support": pl.Int64(),
    "finished": pl.Int64(),
    "runs": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "min": pl.Float64(),
    "max": pl.Float64(),
    "published_mean": pl.Float64(),
    "published_deviation": pl.Float64(),
}
"""The columns of ``classes.csv``.

``support`` is the sum of the class's cells (or patients) over the test parts of the ``finished`` runs: over all folds
the cells of the set. ``runs`` of them have the score; in the others it is not defined (precision where nothing was
called the class, the others where no cell is of it), and they are not in ``mean``, ``deviation`` (n - 1 in the
denominator), ``min`` and ``max``. ``published_mean`` and ``published_deviation`` are the paper's, null where it has
none.
"""


def class_scores_table(folder: StudyFolder, table: pl.DataFrame) -> pl.DataFrame:
    """Return a row a variant, class and score, with the columns of ``COLUMNS``.

    Args:
        folder: The study's folder.
        table: What ``study_table`` returned.
    """
    rows: list[dict[str, Any]] = []
    finished = table.filter(pl.col("status") == FINISHED)
    published = {own["variant"]: own["published"].get(OF_CLASSES) for own in read_record(folder).get("variants", ())}
    for (variant,), own in finished.group_by("variant", maintain_order=True):
        parts = [read_json(RunFolder(folder.run(name)).scores)["parts"]["test"] for name in own["name"]]
        beside = published.get(variant) or {}
        rows += [{"variant": variant, "finished": len(parts), **row, **_beside(row, beside)} for row in _rows(parts)]
    return pl.DataFrame(rows, schema=COLUMNS)


def write_class_scores(folder: StudyFolder, table: pl.DataFrame) -> None:
    """Write ``classes.csv``, where runs are finished."""
    classes = class_scores_table(folder, table)
    if classes.height:
        write_table(folder.classes, classes)


def _rows(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    titles = {name: title for part in parts for name, title in zip(part["classes"], part["titles"], strict=True)}
    found = []
    for name, title in titles.items():
        own = [part["per_class"][name] for part in parts if name in part["per_class"]]
        support = sum(one["support"] for one in own)
        for score in (score for score in SCORES if any(score in one for one in own)):
            values = [one[score]["value"] for one in own if score in one and one[score]["value"] is not None]
            spread = {key: value for key, value in over_runs(values, score).items() if key in SPREAD}
            found.append({"class": name, "title": title, "score": score, "support": support, **spread})
    return found


def _beside(row: Mapping[str, Any], published: Mapping[str, Any]) -> dict[str, float | None]:
    figure = published_figure((published.get(row["class"]) or {}).get(row["score"]))
    mean, deviation = (None, None) if figure is None else (figure.mean, figure.deviation)
    return {"published_mean": mean, "published_deviation": deviation}
