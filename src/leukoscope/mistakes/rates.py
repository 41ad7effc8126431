"""Shares of cells with intervals clustered by patient, and error rates by patient and by what a cell is like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from leukoscope.evaluation.calling import places
from leukoscope.evaluation.intervals import intervals
from leukoscope.evaluation.names import Key
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Units, units_of
from leukoscope.mistakes.counting import by_class, patients_of
from leukoscope.mistakes.judging import Flags, Floats, Judged

EVERY, PATIENT, CLASS = "every", "patient", "class"
NO_PATIENTS = "no patients are known, and cells of one patient are not independent"
LONELY = "too many of these cells are of a class that one {} alone holds"
RIGHT: Key = (None, "accuracy")
BINS = 3
FEW_VALUES = 2

SCHEMA: dict[str, Any] = {
    "model": pl.String(),
    "property": pl.String(),
    "group": pl.String(),
    "from": pl.Float64(),
    "to": pl.Float64(),
    "cells": pl.Int64(),
    "patients": pl.Int64(),
    "wrong": pl.Int64(),
    "error_rate": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "no_interval": pl.String(),
}
"""The columns of ``by_group.csv``.

``property`` is ``every`` (all cells in one), ``class``, ``patient``, or a property of cells. Groups of a property are
``low``, ``middle``, ``high`` (thirds of these cells by number; ``from`` and ``to`` are their smallest and largest
value) or ``no`` and ``yes``. ``low`` and ``high`` bound the interval of ``error_rate``; ``no_interval`` says why there
is none.
"""


def units_among(judged: Judged, rows: Flags) -> Units:
    """Return what is resampled together among some cells: linked groups, else patients.

    Args:
        judged: n cells.
        rows: The cells, (n,).
    """
    table = judged.table.filter(pl.Series(rows))
    declared = places(table["patient_label"], judged.classes)
    return units_of(table, judged.truth[rows], declared, len(judged.classes))


def share_of(held: Flags, judged: Judged, how: Resampling, rows: Flags | None = None) -> Score:
    """Return the share of cells of which something holds, with its interval clustered by patient.

    The interval is that of ``evaluation``'s accuracy, which is a share of cells too.

    Args:
        held: Of which cells it holds, (n,).
        judged: The n cells.
        how: How the interval is made.
        rows: The cells that are asked, (n,), one at least; all where not given.

    Returns:
        The share, 0 to 1, with ``reason`` where there is no interval: always where patients are not known.
    """
    rows = np.ones(len(held), dtype=bool) if rows is None else rows
    value = float(held[rows].mean())
    if not judged.patients_known:
        return Score(value, reason=NO_PATIENTS)
    units, truth = units_among(judged, rows), judged.truth[rows]
    answer = np.where(held[rows], (truth + 1) % len(judged.classes), truth)
    tallies = Tallies(Material(truth, answer, None, judged.classes, units))
    found = intervals(tallies, {RIGHT: 1 - value}, level=how.level, replicates=how.replicates, seed=how.seed)[RIGHT]
    if found.low is None or found.high is None:
        alone = (found.reason or "").startswith("it rests on a single") and units.number > 1
        return Score(value, reason=LONELY.format(units.kind) if alone else found.reason)
    return Score(value, 1 - found.high, 1 - found.low)


def rate_table(judged: Judged, properties: pl.DataFrame | None, how: Resampling) -> pl.DataFrame:
    """Return each model's error rate by class, by patient, and by what the cells are like.

    Args:
        judged: m models of n cells.
        properties: One row a cell in the same order: ``id`` and the properties, numbers or booleans, null where
            unknown; None where nothing is known of the cells.
        how: How intervals are made.

    Returns:
        See ``SCHEMA``.
    """
    groups = [*_classes(judged), *_patients(judged)]
    groups += [] if properties is None else _of_properties(properties)
    rows = [
        {"model": name, **group, **_rate(wrong, cells, judged, how)}
        for name, wrong in zip(judged.names, judged.wrong, strict=True)
        for group, cells in groups
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _rate(wrong: Flags, cells: Flags, judged: Judged, how: Resampling) -> dict[str, Any]:
    found = share_of(wrong, judged, how, cells)
    return {
        "cells": int(cells.sum()),
        "patients": patients_of(judged, cells),
        "wrong": int(wrong[cells].sum()),
        "error_rate": found.value,
        "low": found.low,
        "high": found.high,
        "no_interval": found.reason,
    }


def _group(kind: str, group: str, values: Floats | None = None) -> dict[str, Any]:
    bounds = (None, None) if values is None else (float(values.min()), float(values.max()))
    return {"property": kind, "group": group, "from": bounds[0], "to": bounds[1]}


def _classes(judged: Judged) -> Iterator[tuple[dict[str, Any], Flags]]:
    for label, held in by_class(judged):
        if held.any():
            yield _group(EVERY, "cell") if label is None else _group(CLASS, label), held


def _patients(judged: Judged) -> Iterator[tuple[dict[str, Any], Flags]]:
    patients = judged.table["patient"]
    for patient in patients.drop_nulls().unique().sort():
        yield _group(PATIENT, patient), (patients == patient).fill_null(value=False).to_numpy()


def _of_properties(properties: pl.DataFrame) -> Iterator[tuple[dict[str, Any], Flags]]:
    for name in properties.columns[1:]:
        values = properties[name].cast(pl.Float64).to_numpy()
        titles = ("no", "yes") if properties[name].dtype == pl.Boolean else ("low", "middle", "high")
        for title, cells in zip(titles, bins_of(values, len(titles)), strict=True):
            if cells.any():
                yield _group(name, title, values[cells]), cells


def bins_of(values: Floats, number: int = BINS) -> list[Flags]:
    """Divide cells by a value into bins of equal number, as far as equal values allow: they stay together.

    Args:
        values: (n,), NaN where unknown: in no bin.
        number: How many bins; 2 for values of 0 and 1.

    Returns:
        Which cells are in each bin, (n,) each, from the lowest; some may be empty.

    Example:
        >>> [np.flatnonzero(held).tolist() for held in bins_of(np.array([5.0, 1, 9, 7, 3, np.nan, 2]))]
        [[1, 6], [0, 4], [2, 3]]
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return [np.zeros(len(values), dtype=bool)] * number
    edges = np.array([0.5]) if number == FEW_VALUES else np.quantile(known, np.arange(1, number) / number)
    place = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    return [np.asarray(place == one) for one in range(number)]
