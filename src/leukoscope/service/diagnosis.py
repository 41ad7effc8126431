"""A patient by a bundle of patients: the bag of all cells, the facts, the verdict, and how steady it is."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.inference.flags import DISTANCE, FLAG, STRANGE_CELLS, strange_patients
from leukoscope.inference.marks import PATIENT, Marks, mark_notices
from leukoscope.inference.patient_rows import PatientReader
from leukoscope.inference.patient_sources import Patients
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.reading import Reading
from leukoscope.service.facts import fact_columns
from leukoscope.service.finite import refuse_no_numbers
from leukoscope.service.framed import Framed
from leukoscope.service.patient_interval import interval_of
from leukoscope.service.plain import number, sentence, shares_of
from leukoscope.service.progress import LOOKING, Progress
from leukoscope.service.served import Served

BATCH = 16
"""Cells of a patient at a time in the network; then others have their turn."""
PATIENT_NAME = "patient"


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the network's thread finds out.

    Args:
        row: The patient's row.
        cells: The rows of all pictures.
        remarks: What must be remarked on the facts.
        interval: Of the probability; None of one cell.
    """

    row: pl.DataFrame
    cells: pl.DataFrame
    remarks: list[str]
    interval: dict[str, Any] | None


async def diagnosed(
    served: Served, framed: Sequence[Framed], facts: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return what a bundle of patients says of a patient.

    Args:
        served: The bundle.
        framed: The pictures.
        facts: What is known, from ``read_facts``.
        progress: Of the request.
    """
    bundle = served.bundle
    assert isinstance(bundle, Bundle), "several models together are of cells"
    found: Diagnosis = await served.worked(lambda: diagnosing(bundle, served.marks, framed, facts, progress))
    refuse_no_numbers(found.row)
    row = found.row.row(0, named=True)
    explained = found.cells["explained"].drop_nulls()
    cells = _cells(found.cells, framed)
    notes = mark_notices(served.marks, int(PATIENT in str(row.get("leakage"))), PATIENT) + strange_patients(found.row)
    return {
        "patient": _patient(row, bundle, found),
        "cells": cells,
        "explained": explained[0] if len(explained) else None,
        "notes": [sentence(note) for note in notes],
    }


def diagnosing(
    bundle: Bundle, marks: Marks, framed: Sequence[Framed], facts: Mapping[str, Any], progress: Progress
) -> Generator[None, None, Diagnosis]:
    """Diagnose a patient, step by step; for the network's thread.

    Args:
        bundle: A bundle of patients.
        marks: What marks its predictions.
        framed: The pictures.
        facts: What is known, from ``read_facts``.
        progress: Of the request.
    """
    reader = PatientReader(bundle, _asked(bundle, framed, facts), BATCH, marks)
    bag = reader.empty_bag()
    readable = [one for one in framed if one.problem is None]
    progress.begin(LOOKING, len(readable))
    for _ in reader.seeing(0, (_reading(one) for one in readable), bag):
        progress.at(bag.cells)
        yield
    yield
    row, cells = reader.rows_of(0, bag, evidence=True)
    encoded, remarks, _ = reader.facts_of(0)
    yield
    explained = cells["explained"].drop_nulls()
    interval = interval_of(reader, bag, encoded, explained[0]) if len(explained) else None
    return Diagnosis(row, cells, remarks, interval)


def _asked(bundle: Bundle, framed: Sequence[Framed], facts: Mapping[str, Any]) -> Patients:
    """Return the patient as ``PatientReader`` takes one."""
    readable = sum(one.problem is None for one in framed)
    nothing = pl.lit(None, pl.String)
    table = pl.DataFrame({"patient": [PATIENT_NAME], **fact_columns(facts, bundle, readable)})
    pictures = pl.DataFrame(
        {"path": [one.name for one in framed], "problem": [one.problem for one in framed]},
        schema={"path": pl.String, "problem": pl.String},
    )
    patient = pl.lit(PATIENT_NAME)
    return Patients(table.with_columns(label=nothing), pictures.with_columns(patient=patient), Path())


def _reading(one: Framed) -> Reading:
    return Reading(one.name, Facts(sha256=one.sha256), framed=one.ways[0])


def _patient(row: dict[str, Any], bundle: Bundle, found: Diagnosis) -> dict[str, Any]:
    right = row["problem"] is None
    return {
        "called": row["called"],
        "probabilities": shares_of(row, bundle.classes) if right else None,
        "interval": found.interval,
        "threshold": bundle.threshold,
        "band": row.get("band"),
        "referred": row.get("referred"),
        "remarks": [f"{remark}." for remark in found.remarks],
        "cells": row["cells"],
        "unreadable": row["unreadable"],
        "strange_cells": row.get(STRANGE_CELLS),
        "problem": row["problem"],
    }


def _cells(table: pl.DataFrame, framed: Sequence[Framed]) -> list[dict[str, Any]]:
    rows = list[dict[str, Any]]()
    for place, (one, row) in enumerate(zip(framed, table.iter_rows(named=True), strict=True), start=1):
        cell: dict[str, Any] = {"number": place, "name": one.name, "evidence": number(row["evidence"])}
        if one.problem is None and DISTANCE in row:
            cell |= {DISTANCE: number(row[DISTANCE]), FLAG: bool(row[FLAG])}
        rows.append({**cell, "problem": one.problem})
    return rows
