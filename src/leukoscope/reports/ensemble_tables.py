"""What a page says of an ensemble, from ``ensemble.json`` and ``members.csv``: formatting, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import DataError, counted
from leukoscope.files import read_json, read_table
from leukoscope.reports.ensemble_bagging import bagging_rows
from leukoscope.reports.ensemble_beside import beside_section, score_of
from leukoscope.reports.ensemble_bundles import bundle_rows
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.published_figure import published_figure
from leukoscope.reports.words import NOTHING, capitalised, decimal, metric_title, of_hundred, score_words

TEXT = ("name", "kind", "folder")
COUNTS = ("cells", "patients")
PARTS = {"test": "Test part", "validation": "Validation part"}
OF_ALL = ("weighted_f1", "roc_auc", "sensitivity", "specificity", "patient_roc_auc")
OF_A_CLASS = ("precision", "recall", "f1")
WHOLE = tuple(f"{part}_{one}" for part in PARTS for one in COUNTS)
PUBLISHED = "Published weighted F1"
SUPPORTS = tuple(f"{part}_support_" for part in PARTS)

Row = dict[str, Any]


def read_members_table(path: Path) -> pl.DataFrame:
    """Return ``members.csv``: names as text, counts as whole numbers, the rest as numbers."""
    table = read_table(path, text=True)
    kinds = {name: pl.Int64() if name in WHOLE or name.startswith(SUPPORTS) else pl.Float64() for name in table.columns}
    return table.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items() if name not in TEXT)


def ensemble_section(folder: Path) -> Row:
    """Return what ``ensemble_members.html`` shows, but for the figures; a page gives it the name ``ensemble``.

    Args:
        folder: The ensemble's folder.

    Returns:
        ``leakage``, ``sizes`` (in words, by part), ``best`` (the rule that is best on validation),
        ``notes``, ``parts`` (title, size, head, rows, class_head, classes: title and rows of each; the published
        weighted F1 of the test part stands behind ours), ``rules`` (title, about, facts),
        ``weights`` (head, rows), ``beside`` (``beside_section``), ``bagging`` (each model's rows, ``bagging_rows``),
        ``bundles`` (``bundle_rows``), ``can_be_bundled`` (whether all members are runs of cells), ``regressions``
        (title, head, rows).

    Raises:
        DataError: the folder holds no finished ensemble, or a table is missing or damaged.
    """
    record = read_ensemble(folder)
    rows = read_members_table(EnsembleFolder(folder).table).to_dicts()
    best = record["best_on_validation"]
    return {
        "leakage": record["leakage"],
        "unit": record["unit"],
        "members": len(record["members"]),
        "sizes": {part: size_words(record, part) for part in PARTS},
        "best": None if best is None else record["rules"][best]["title"],
        "notes": record["notes"],
        "parts": [_part(record, rows, part) for part in PARTS],
        "rules": [_rule(record, rule) for rule in record["rules"].values()],
        "weights": _weights(record),
        "beside": beside_section(folder, record),
        "bagging": bagging_rows(EnsembleFolder(folder), record),
        "bundles": bundle_rows(folder, record),
        "can_be_bundled": record["unit"] == "cell" and all(member["folder"] for member in record["members"]),
        "regressions": [_regression(rule) for rule in record["rules"].values() if "regression" in rule["fitted"]],
    }


def read_ensemble(folder: Path) -> Row:
    """Return ``ensemble.json``.

    Raises:
        DataError: there is none, or the ensemble is not finished.
    """
    place = EnsembleFolder(Path(folder))
    if not place.record.is_file():
        raise DataError("This folder holds no ensemble.", where=str(place.path), do="Name the --out of ensemble.")
    record: Row = read_json(place.record)
    if record.get("status") != "finished":
        raise DataError("This ensemble is not finished.", where=str(place.path), do="Type its command again.")
    return record


def weighing(record: Row) -> dict[str, list[float]]:
    """Return the weights of the rules that have them, by the rule's title, in the order of the members."""
    names = [member["name"] for member in record["members"]]
    rules = [rule for rule in record["rules"].values() if "weights" in rule["fitted"]]
    return {rule["title"]: [rule["fitted"]["weights"][name] for name in names] for rule in rules}


def size_words(record: Row, part: str) -> str:
    """Return on how many cells of how many patients a part's scores rest."""
    found = record["parts"][part]
    if record["unit"] == "patient":
        return counted(found["cells"], "patient")
    cells = counted(found["cells"], "cell")
    if not found["patients"]:
        return f"{cells}; whose they are is not known"
    patients = counted(found["patients"], "patient")
    groups = found["groups"]
    linked = "" if groups == found["patients"] else f" ({counted(groups, 'linked group')})"
    return f"{cells} of {patients}{linked}"


def _part(record: Row, rows: Sequence[Row], part: str) -> Row:
    known = [name for name in OF_ALL if any(row.get(f"{part}_{name}") is not None for row in rows)]
    head, found = [metric_title(name) for name in known], [_row(record, row, part, known) for row in rows]
    if record.get("published") and part == "test":
        head = _second(head, PUBLISHED)
        found = [
            own | {"cells": _second(own["cells"], _published(record, row["name"]))}
            for own, row in zip(found, rows, strict=True)
        ]
    classes = record["classes"]
    return {
        "title": PARTS[part],
        "size": size_words(record, part),
        "head": head,
        "rows": found,
        "class_head": [metric_title(name) for name in OF_A_CLASS],
        "classes": [
            (
                _with_support(record, rows, part, label, title),
                [_row(record, row, part, [f"{name}_{label}" for name in OF_A_CLASS]) for row in rows],
            )
            for label, title in zip(classes["names"], classes["titles"], strict=True)
        ],
    }


def _second(words: list[str], more: str) -> list[str]:
    """Return words with one more behind the first: beside our weighted F1 stands the published one."""
    return [*words[:1], more, *words[1:]]


def _with_support(record: Row, rows: Sequence[Row], part: str, label: str, title: str) -> str:
    """Return a class with how many rows it has; all members and rules speak of the same rows."""
    support = rows[0].get(f"{part}_support_{label}") if rows else None
    return capitalised(title) if support is None else f"{capitalised(title)}: {counted(support, record['unit'])}"


def _row(record: Row, row: Row, part: str, names: Sequence[str]) -> Row:
    rule = row["kind"] == "rule"
    return {
        "name": record["rules"][row["name"]]["title"] if rule else row["name"],
        "kind": row["kind"],
        "cells": [score_words(score_of(row, f"{part}_{name}")) for name in names],
    }


def _published(record: Row, name: str) -> str:
    figure = published_figure((record.get("published") or {}).get(name))
    return NOTHING if figure is None else figure.words


def _rule(record: Row, rule: Row) -> Row:
    return {"title": rule["title"], "about": rule["about"], "facts": _facts(record, rule)}


def _facts(record: Row, rule: Row) -> list[tuple[str, str]]:
    facts = []
    if rule["learns"]:
        apart, size = rule["out_of_fold"], size_words(record, "validation")
        kept = {"patient": "patients", "cell": "cells, for patients are not known", None: ""}[apart["kept_together"]]
        tried = f"out of fold: {apart['folds']} folds of {kept}" if kept else "on the very rows that it was fitted on"
        both = f"{decimal(rule['in_sample'])} on what it was fitted on, {decimal(apart['weighted_f1'])} {tried}"
        facts = [("Fitted on", f"validation part, {size}"), ("Weighted F1 there, called at 0.5", both)]
        facts = facts if kept else [facts[0], (facts[1][0], f"{decimal(rule['in_sample'])}, {tried}")]
    threshold = rule["threshold"]
    if threshold is not None:
        facts.append(("Operating threshold", f"{decimal(threshold['value'])}; {threshold['rule']}"))
    chosen = rule["fitted"].get("chosen")
    if chosen:
        facts.append(("Models added", str(len(chosen))))
    decided = rule["fitted"].get("decided")
    if decided:
        shares = ", ".join(f"{name} {of_hundred(share)} %" for name, share in decided.items())
        facts.append(("Who was the surest, validation part", shares))
    return facts


def _weights(record: Row) -> Row:
    found = weighing(record)
    rows = [
        [member["name"], *(decimal(weights[place]) for weights in found.values())]
        for place, member in enumerate(record["members"])
    ]
    return {"head": list(found), "rows": rows if found else []}


def _regression(rule: Row) -> Row:
    model = rule["fitted"]["regression"]
    outputs = range(len(model["intercepts"]))
    rows = [
        [name, *(decimal(model["coefficients"][output][place]) for output in outputs)]
        for place, name in enumerate(model["names"])
    ]
    rows.append(["Intercept", *(decimal(value) for value in model["intercepts"])])
    return {"title": rule["title"], "strength": f"{model['strength']:g}", "outputs": len(outputs), "rows": rows}
