"""What each bagged model of an ensemble was shown: rows and a figure, from its table; formatting alone."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from leukoscope.files import read_table
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.figures.bagging_bars import bagging_groups

COUNTS = ("part", "groups", "cells", "whole", "copies")

Row = dict[str, Any]


def bagging_rows(place: EnsembleFolder, record: Row) -> dict[str, list[Row]]:
    """Return the rows of each model by its name; empty where no model was bagged.

    Args:
        place: The ensemble's folder.
        record: ``ensemble.json``.

    Returns:
        ``title`` (the class's), ``part`` and ``groups`` (None where the class is not divided, where nothing is known),
        ``cells``, ``whole`` (seen as they are) and ``copies``, whole numbers.

    Raises:
        DataError: the table is damaged.
    """
    if not place.bagging.is_file():
        return {}
    classes, found = record["classes"], dict[str, list[Row]]()
    titles = dict(zip(classes["names"], classes["titles"], strict=True))
    for row in read_table(place.bagging, text=True).iter_rows(named=True):
        counts = {name: None if row[name] is None else int(row[name]) for name in COUNTS}
        found.setdefault(row["model"], []).append({"title": titles.get(row["class"], row["class"]), **counts})
    return found


def bagging_figure(place: EnsembleFolder, record: Row) -> tuple[Figure, str] | None:
    """Return a group of bars a model, with its words; None where no model was bagged.

    Args:
        place: The ensemble's folder.
        record: ``ensemble.json``.
    """
    models = bagging_rows(place, record)
    if not models:
        return None
    said = ". ".join(f"{name}: {'; '.join(map(_words, rows))}" for name, rows in models.items())
    return bagging_groups(models, leaking=bool(record["leakage"])), f"What each model was shown. {said}."


def _words(row: Row) -> str:
    of = row["title"] if row["part"] is None else f"{row['title']}, part {row['part']}"
    return f"{of}: {row['whole']:,} whole cells, {row['copies']:,} changed copies"
