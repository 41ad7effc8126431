"""The rows of a patient's page: cells for and against, facts and what each moved."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.errors import counted
from leukoscope.reports.patient_tables import PatientTables
from leukoscope.reports.patient_tiles import cut_pair, read_sheet, tile_uri
from leukoscope.reports.patient_words import evidence_words
from leukoscope.reports.words import of_hundred

Row = dict[str, Any]
# Rows of a late fusion that are no facts of the clinic.
START, PICTURES = "average patient", "all pictures"


def cell_rows(tables: PatientTables, patient: Row, cells: pl.DataFrame) -> tuple[list[Row], list[Row]]:
    """Return the cells that have maps: those for the class, the strongest first, then those against, likewise.

    Args:
        tables: The evidence.
        patient: The patient's row.
        cells: The patient's cells.

    Raises:
        DataError: the patient's sheet cannot be read.
    """
    shown = cells.filter(pl.col("sheet_left").is_not_null()).sort("rank")
    if not shown.height:
        return [], []
    sheet = read_sheet(tables.sheet(patient["stem"]))
    size = {"tile": int(tables.record["tile"]), "between": int(tables.record["between"])}
    rows = [
        {
            "id": row["id"],
            "uri": tile_uri(cut_pair(sheet, row["sheet_left"], row["sheet_top"], **size)),
            "evidence": evidence_words(row["evidence"]),
            "value": row["evidence"],
            "share": of_hundred(row["share"]),
            "rank": row["rank"],
            "width": 2 * size["tile"] + size["between"],
            "height": size["tile"],
        }
        for row in shown.iter_rows(named=True)
    ]
    return [row for row in rows if row["value"] > 0], [row for row in rows[::-1] if row["value"] < 0]


def rest_words(cells: pl.DataFrame) -> str:
    """Return what the cells without picture add together; empty where all have one."""
    rest = cells.filter(pl.col("sheet_left").is_null())
    if not rest.height:
        return ""
    together = float(rest["evidence"].sum())
    if not rest["evidence"].abs().sum():
        return f"{counted(rest.height, 'further cell')} {'adds' if rest.height == 1 else 'add'} nothing either way."
    words = "adds" if rest.height == 1 else "together add"
    return f"{counted(rest.height, 'further cell')}, each weaker than these, {words} {evidence_words(together)}."


def fact_rows(tables: PatientTables, patient: Row) -> list[Row]:
    """Return what moved the patient's answer: where it started, then what moved most; one scale for all patients.

    Args:
        tables: The evidence.
        patient: The patient's row.
    """
    if tables.moves is None:
        return []
    longest = float(tables.moves["moved"].abs().max() or 0) or 1.0  # type: ignore[arg-type]
    own = tables.moves.filter(pl.col("patient") == patient["patient"])
    own = own.sort(pl.col("fact") == START, pl.col("moved").abs(), descending=True, maintain_order=True)
    return [
        {
            "fact": row["fact"].replace("_", " "),
            "value": row["value"] or "",
            "moved": evidence_words(row["moved"]),
            "length": abs(row["moved"]) / longest,
            "side": "for" if row["moved"] > 0 else "against",
        }
        for row in own.iter_rows(named=True)
    ]
