"""From the tables of an error analysis to its page, or to sections of another one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_text
from leukoscope.reports.embedding import picture_size, picture_uri
from leukoscope.reports.mistakes_figures import mistakes_figures
from leukoscope.reports.mistakes_folder import SHEETS, MistakesFolder
from leukoscope.reports.mistakes_tables import read_mistakes
from leukoscope.reports.mistakes_words import (
    ALONE_TITLE,
    SHEET_TITLES,
    association_words,
    property_title,
    rate_words,
    span_words,
    units_words,
    value_words,
)
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, of_hundred, percent_level

AGAIN_SHOWN = 50

Row = dict[str, Any]


def write_mistakes_page(folder: Path) -> Path:
    """Write ``errors.html`` and the figures from the tables of an error analysis, and from nothing else.

    The page is one file: no script, no request to anywhere.

    Args:
        folder: The folder of the error analysis.

    Returns:
        The page.

    Raises:
        DataError: there is no error analysis, or a table is missing or damaged.
    """
    place = MistakesFolder(Path(folder))
    context = {"css": style("page.css"), "found": mistakes_sections(place.path)}
    write_text(place.page, environment().get_template("mistakes.html").render(context))
    return place.page


def mistakes_sections(folder: Path) -> Row:
    """Return what the macro ``sections`` of ``mistakes_sections.html`` shows, to be included in any page.

    Its figures are drawn anew into the folder's ``figures/``. A template includes it by
    ``{% import "mistakes_sections.html" as mistakes %}`` and ``{{ mistakes.sections(found) }}``; all ids begin with
    ``errors-``.

    Args:
        folder: The folder of an error analysis.

    Raises:
        DataError: there is no error analysis, or a table is missing or damaged.
    """
    place = MistakesFolder(Path(folder))
    if not place.record.is_file():
        raise DataError("This folder holds no error analysis.", where=str(place.path), do="Name the --out of errors.")
    record: Row = read_json(place.record)
    tables = {name: read_mistakes(place, name) for name in _READ}
    titles = dict(zip(record["classes"], record["titles"], strict=True))
    return {
        **{name: record[name] for name in ("part", "models", "cells", "patients", "leakage", "pictures", "notes")},
        "units": units_words(record["interval"]["unit"]),
        "clusters": record["interval"]["clusters"],
        "version": record["leukoscope"],
        "level": percent_level(record["interval"]["level"]),
        "several": len(record["models"]) > 1,
        "how_many": _how_many(tables["how_many"], titles),
        "only_one": _only_one(tables["only_one"], titles),
        "pairs": [_pair(row) for row in tables["pairs"]],
        "rates": _rates(tables["by_group"], titles),
        "patients_table": _by_patient(tables["by_group"]),
        "associations": [_association(row, titles) for row in tables["associations"]],
        "label_errors": _again(tables["label_errors"], titles),
        "label_parts": " and ".join(record["label_parts"]),
        "joint": _joint(tables["confident_joint"], titles),
        "sheets": _sheets(place, tables["shown"], several=len(record["models"]) > 1),
        "figures": mistakes_figures(place, record, tables),
    }


_READ = ("how_many", "only_one", "pairs", "by_group", "associations", "label_errors", "confident_joint", "shown")


def _how_many(rows: Sequence[Row], titles: dict[str, str]) -> Row:
    numbers = sorted({row["missed_by"] for row in rows})
    labels = list(dict.fromkeys(row["label"] for row in rows))
    cells = {(row["label"], row["missed_by"]): row for row in rows}
    return {
        "numbers": numbers,
        "rows": [
            {
                "title": "All classes" if label is None else titles[label],
                "of": f"{cells[label, 0]['of']:,}",
                "cells": [_cells_and_patients(cells[label, number]) for number in numbers],
            }
            for label in labels
        ],
    }


def _cells_and_patients(row: Row) -> Row:
    patients = row["patients"]
    of = "" if not row["cells"] or patients is None else f"{patients} patient{'' if patients == 1 else 's'}"
    return {"cells": f"{row['cells']:,}", "patients": of}


def _only_one(rows: Sequence[Row], titles: dict[str, str]) -> Row:
    labels = list(dict.fromkeys(row["label"] for row in rows))
    found = {(row["model"], row["alone"], row["label"]): row for row in rows}
    models = list(dict.fromkeys(row["model"] for row in rows))
    return {
        "head": ["All classes" if label is None else titles[label] for label in labels],
        "rows": [
            {
                "model": model,
                "right": [_cells_and_patients(found[model, "right", label]) for label in labels],
                "wrong": [_cells_and_patients(found[model, "wrong", label]) for label in labels],
            }
            for model in models
        ],
    }


def _pair(row: Row) -> Row:
    shares = {
        name: value_words(row[name], row[f"{name}_low"], row[f"{name}_high"])
        for name in ("disagreement", "double_fault")
    }
    counts = {name: f"{row[name]:,}" for name in ("only_first_right", "only_second_right", "both_wrong")}
    measures = {name: {"value": value_words(row[name]), "reason": row[f"no_{name}"]} for name in ("yule_q", "kappa")}
    head = {"first": row["first"], "second": row["second"], "reason": row["no_interval"]}
    return head | counts | shares | measures


def _rates(rows: Sequence[Row], titles: dict[str, str]) -> Row:
    """Return error rates by class and property: a row a bin, a column a model."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    groups: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row["property"] != "patient":
            groups.setdefault(row["property"], {}).setdefault(row["group"], []).append(row)
    return {
        "models": models,
        "groups": {
            property_title(name): [
                _bin(titles.get(group, group) if name == "class" else "all" if name == "every" else group, found)
                for group, found in bins.items()
            ]
            for name, bins in groups.items()
        },
    }


def _bin(title: str, rows: Sequence[Row]) -> Row:
    first = rows[0]
    return {
        "title": title,
        "span": span_words(first),
        "cells": f"{first['cells']:,}",
        "patients": NOTHING if first["patients"] is None else f"{first['patients']:,}",
        "rates": [{"words": rate_words(row), "reason": row["no_interval"]} for row in rows],
    }


def _by_patient(rows: Sequence[Row]) -> Row:
    models = list(dict.fromkeys(row["model"] for row in rows))
    patients: dict[str, list[Row]] = {}
    for row in rows:
        if row["property"] == "patient":
            patients.setdefault(row["group"], []).append(row)
    return {
        "models": models,
        "rows": [
            {
                "patient": patient,
                "cells": f"{found[0]['cells']:,}",
                "rates": [f"{row['wrong']:,} ({of_hundred(row['error_rate'])}\N{NO-BREAK SPACE}%)" for row in found],
            }
            for patient, found in patients.items()
        ],
    }


def _association(row: Row, titles: dict[str, str]) -> Row:
    title = None if row["label"] is None else titles[row["label"]]
    return {
        "property": property_title(row["property"]),
        "model": row["model"],
        "class": title or "All classes",
        "missed": f"{row['missed']:,} of {row['cells']:,}",
        "patients": NOTHING if row["patients_with_missed"] is None else f"{row['patients_with_missed']:,}",
        "auc": value_words(row["auc"], row["low"], row["high"]),
        "words": association_words(row, title),
        "beyond": row["beyond_chance"] == "true",
    }


def _again(rows: Sequence[Row], titles: dict[str, str]) -> Row:
    return {
        "number": len(rows),
        "rows": [
            {
                **{name: row[name] for name in ("place", "id", "part", "missed_by")},
                "patient": row["patient"] or NOTHING,
                "label": titles[row["label"]],
                "looks_like": titles[row["looks_like"]],
                "margin": value_words(row["margin"]),
            }
            for row in rows[:AGAIN_SHOWN]
        ],
    }


def _joint(rows: Sequence[Row], titles: dict[str, str]) -> Row:
    labels = list(dict.fromkeys(row["label"] for row in rows))
    cells = {(row["label"], row["looks_like"]): row for row in rows}
    return {
        "head": [titles[label] for label in labels],
        "rows": [
            {
                "title": titles[label],
                "threshold": value_words(cells[label, label]["threshold"]),
                "cells": [f"{cells[label, look]['cells']:,}" for look in labels],
            }
            for label in labels
        ],
    }


def _sheets(place: MistakesFolder, shown: Sequence[Row], *, several: bool) -> list[Row]:
    found = []
    for name in SHEETS:
        rows = [row for row in shown if row["sheet"] == name]
        if not rows or not place.sheet(name).is_file():
            continue
        title, order = SHEET_TITLES[name]
        width, height = picture_size(place.sheet(name))
        found.append(
            {
                "name": name,
                "title": ALONE_TITLE if name == "missed_by_all" and not several else title,
                "order": order,
                "shown": len(rows),
                "of": f"{rows[0]['of']:,}",
                "uri": picture_uri(place.sheet(name)),
                "width": width,
                "height": height,
            }
        )
    return found
