"""From the tables of a seeing folder to a page, or to a section of another page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from leukoscope.errors import DataError, counted
from leukoscope.files import read_json, read_table, write_text
from leukoscope.reports.embedding import picture_size, picture_uri
from leukoscope.reports.seeing_folder import SeeingFolder
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, day_of, decimal

PARTS = {"train": "training", "validation": "validation", "test": "test"}

Row = dict[str, Any]


def write_seeing_page(folder: Path) -> Path:
    """Write ``seeing.html`` from the tables and sheets of a seeing folder, and from nothing else.

    Args:
        folder: The folder.

    Returns:
        The page.

    Raises:
        DataError: there are no class maps, or a table is missing or damaged.
    """
    place = SeeingFolder(Path(folder))
    seeing = seeing_context(place.path)
    record: Row = read_json(place.record)
    context = {
        "css": style("page.css"),
        "seeing": seeing,
        "date": day_of(record["started"]),
        "version": record["versions"]["leukoscope"],
        "command": record["command"] or NOTHING,
    }
    write_text(place.page, environment().get_template("seeing.html").render(context))
    return place.page


def seeing_context(folder: Path) -> Row:
    """Return what ``seeing_section.html`` needs, as its variable ``seeing``; for the pages that include it.

    Args:
        folder: The seeing folder.

    Raises:
        DataError: there are no class maps, or a table or sheet is missing or damaged.
    """
    place = SeeingFolder(Path(folder))
    if not place.record.is_file():
        raise DataError("This folder holds no class maps.", where=str(place.path), do="Name the --out of explain.")
    record: Row = read_json(place.record)
    maps, methods = read_table(place.table).to_dicts(), read_table(place.methods).to_dicts()
    titles = {method["name"]: method["title"] for method in record["methods"]}
    return {
        "leakage": record["leakage"],
        "rule": record["rule"],
        "cells": counted(record["cells"], "cell"),
        "of": _of(record),
        "models": [_model(model) for model in record["models"]],
        "methods": record["methods"],
        "summary": [_summary(row, titles) for row in methods],
        "unchanged": _unchanged(methods, titles),
        "beside": _beside(methods, titles),
        "learned": _learned(maps),
        "sheets": [_sheet(place, sheet) for sheet in record["sheets"]],
        "activations": [_sheet(place, sheet) for sheet in record["activations"]],
        "calls": _calls(maps, record["classes"]),
        "maps": [_map(row, titles, record["classes"]) for row in maps],
        "masks": sorted({row["mask"] for row in maps}),
        "folder": place.path.name,
    }


def _of(record: Row) -> str:
    asked = record["asked"]
    if asked is None:
        return f"the class that {record['models'][0]['name']} calls"
    return " and ".join(record["classes"][name] for name in asked)


def _model(model: Row) -> Row:
    steps = yaml.safe_dump(model["framing"], default_flow_style=True, width=10_000).strip()
    height, width = model["size"]
    seen = "" if model["crop"] is None else f", of which it sees the middle {model['crop']}"
    return {
        "name": model["name"],
        "backbone": model["backbone"],
        "size": f"{height} by {width} px{seen}",
        "framing": steps,
        "threshold": NOTHING if model["threshold"] is None else decimal(model["threshold"]),
        "leakage": model["leakage"],
    }


def _summary(row: Row, titles: Row) -> Row:
    return {
        "model": row["model"],
        "method": titles[row["method"]],
        "layer": row["layer"] or "pixels",
        "share": _percent(row["share"]),
        "positive": _percent(row["share_positive"]),
        "chance": _percent(row["chance"]),
        "words": row["words"],
        "head": decimal(row["head"], 2),
        "everything": decimal(row["everything"], 2),
        "sanity": row["sanity"],
        "bad": not row["sanity"].startswith("changes, "),
        "astray": row["words"].startswith("less"),
        "leakage": row["leakage"],
    }


def _unchanged(methods: list[Row], titles: Row) -> list[str]:
    return [f"{titles[row['method']]} of {row['model']}" for row in methods if row["sanity"].startswith("does not")]


def _beside(methods: list[Row], titles: Row) -> list[str]:
    return [f"{titles[row['method']]} of {row['model']}" for row in methods if row["words"].startswith("less")]


def _learned(maps: list[Row]) -> list[str]:
    """Return which models learnt from which of the cells, a clause each."""
    pairs = {(row["model"], row["cell"]) for row in maps if row["part"] in {"train", "validation"}}
    models = sorted({model for model, _ in pairs})
    return [f"{name}: {counted(sum(model == name for model, _ in pairs), 'cell')}" for name in models]


def _sheet(place: SeeingFolder, sheet: Row) -> Row:
    path = place.path / sheet["file"]
    width, _ = picture_size(path)
    return sheet | {"uri": picture_uri(path), "width": width}


def _calls(maps: list[Row], classes: Row) -> Row:
    models = list(dict.fromkeys(row["model"] for row in maps))
    cells = list(dict.fromkeys(row["cell"] for row in maps))
    said = {(row["cell"], row["model"]): row for row in maps}
    rows = []
    for cell in cells:
        about = said[cell, models[0]]
        calls = [_call(said[cell, model], classes) for model in models]
        known = {"patient": about["patient"] or NOTHING, "why": about["why"]}
        rows.append({"cell": cell, "label": _title(about["label"], classes), "calls": calls} | known)
    return {"models": models, "rows": rows}


def _call(row: Row, classes: Row) -> Row:
    wrong = row["label"] is not None and row["called"] != row["label"]
    part = PARTS.get(row["part"] or "", "in none of its parts")
    return {"called": _title(row["called"], classes), "p": decimal(row["probability"]), "wrong": wrong, "part": part}


def _map(row: Row, titles: Row, classes: Row) -> Row:
    return {
        "cell": row["cell"],
        "model": row["model"],
        "method": titles[row["method"]],
        "of": _title(row["class"], classes),
        "logit": decimal(row["logit"], 2),
        "share": _percent(row["share"]),
        "positive": _percent(row["share_positive"]),
        "chance": _percent(row["chance"]),
        "size": f"{row['height']} by {row['width']}",
        "range": f"{row['lowest']:.2g} to {row['highest']:.2g}",
    }


def _title(name: str | None, classes: Row) -> str:
    return "not known" if name is None else classes.get(name, name)


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{100 * share:.0f} %"
