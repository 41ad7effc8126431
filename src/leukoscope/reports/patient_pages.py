"""One page a patient, and an index of them: the answer, the facts, and every cell by what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import counted
from leukoscope.files import write_text
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.figures import Drawn
from leukoscope.reports.patient_figures import patient_figures
from leukoscope.reports.patient_rows import PICTURES, cell_rows, fact_rows, rest_words
from leukoscope.reports.patient_tables import PatientTables, read_patient_tables
from leukoscope.reports.patient_words import (
    answer,
    calibration_words,
    held_against_truth,
    interval_words,
    sum_words,
    why_so_called,
)
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import of_hundred, score_words

FOLDER = "patients"
INDEX = "index.html"
SCORES, REPORT = "scores.json", "../report.html"


def write_patient_pages(run: Path) -> Path:
    """Write ``patients/index.html``, one page a patient and two figures, from the tables of a run, and nothing else.

    Each page is one file with its pictures in it: no script, no request to anywhere. Written again from the same
    tables it is byte for byte the same.

    Args:
        run: The run's folder, with the evidence that ``explanation.write_evidence`` wrote.

    Returns:
        The index.

    Raises:
        DataError: there is no evidence, or a table or a sheet is damaged.
    """
    tables = read_patient_tables(Path(run))
    folder = tables.folder / FOLDER
    patients = tables.patients.sort("probability", "patient", descending=[True, False])
    rows = list(patients.iter_rows(named=True))
    template = environment().get_template("patient.html")
    for place, row in enumerate(rows):
        around = (rows[place - 1] if place else None, rows[place + 1] if place + 1 < len(rows) else None)
        write_text(folder / f"{row['stem']}.html", template.render(_patient(tables, row, around)))
    index = environment().get_template("patients.html").render(_index(tables, rows, patient_figures(tables)))
    write_text(folder / INDEX, index)
    return folder / INDEX


def _common(tables: PatientTables) -> dict[str, Any]:
    record = tables.record
    return {
        "css": style("page.css", "patient.css"),
        "run": record["run"] or tables.folder.name,
        "leakage": record["leakage"],
        "assumption": record["assumption"],
        "interval_meaning": record["interval_meaning"],
        "calibration": calibration_words(record.get("calibration") or "none"),
        "calibrated": (record.get("calibration") or "none") != "none",
        # A run that has scores gets its report after these pages.
        "report": REPORT if (tables.folder / SCORES).is_file() else None,
        "threshold": (0.5 if record["threshold"] is None else record["threshold"]) if tables.positive else None,
    }


def _patient(
    tables: PatientTables, row: dict[str, Any], around: tuple[dict[str, Any] | None, dict[str, Any] | None]
) -> dict[str, Any]:
    cells = tables.cells.filter(pl.col("patient") == row["patient"]).sort("rank")
    speaking_for, against = cell_rows(tables, row, cells)
    return {
        **_common(tables),
        **_said(tables, row),
        "why": why_so_called(tables, row),
        "truth": held_against_truth(tables, row),
        "sum": sum_words(row),
        "facts": fact_rows(tables, row),
        "with_pictures": tables.moves is not None and PICTURES in tables.moves["fact"],
        "speaking_for": speaking_for,
        "against": against,
        "rest": rest_words(cells),
        "cells": list(cells.iter_rows(named=True)),
        "uniform": tables.record["instances"] == "cells",
        "before": around[0],
        "after": around[1],
    }


def _said(tables: PatientTables, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "patient": row["patient"],
        "stem": row["stem"],
        "answer": answer(tables, row),
        "referred": row["referred"],
        "label": None if row["label"] is None else tables.title(row["label"]),
        "wrong": not row["referred"] and row["label"] not in {None, row["called"]},
        "explained": tables.title(row["explained"]),
        "probability": row["probability"],
        "percent": of_hundred(row["probability"]),
        "low": row["low"],
        "high": row["high"],
        "interval": interval_words(row),
        "count": int(row["cells"]),
    }


def _index(tables: PatientTables, rows: list[dict[str, Any]], figures: list[Drawn]) -> dict[str, Any]:
    found = tables.record["found"]
    return {
        **_common(tables),
        "rows": [_said(tables, row) for row in rows],
        "in_all": counted(len(rows), "patient"),
        "cells": counted(tables.cells.height, "cell"),
        "positive": None if tables.positive is None else tables.title(tables.positive),
        "with_facts": tables.moves is not None,
        "found": None if found is None else _found(found),
        "figures": [_figure(drawn) for drawn in figures],
    }


def _figure(drawn: Drawn) -> dict[str, Any]:
    return {"svg": inline_svg(drawn), "name": drawn.name, "width": drawn.width, "alt": drawn.alt}


def _found(found: dict[str, Any]) -> dict[str, Any]:
    reason = found["roc_auc"]["reason"] if found["roc_auc"]["value"] is None else ""
    return {
        "evidence": score_words(found["roc_auc"]),
        "logits": score_words(found["of_logits"]),
        "within": None if found["within"] is None else f"{found['within']:.3f}",
        "reason": reason,
        "known": counted(found["known"], "malignant cell"),
        "cells": counted(found["cells"], "cell"),
        "patients": counted(found["patients"], "positive patient"),
    }
