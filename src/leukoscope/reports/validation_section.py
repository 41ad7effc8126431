"""What the page of an external validation shows beyond the scores: home beside here, drift, recalibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.errors import counted
from leukoscope.files import read_json, read_table
from leukoscope.reports.embedding import inline_svg
from leukoscope.reports.validation_figures import validation_figures
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.reports.validation_words import (
    difference_of,
    moved_words,
    number,
    of,
    recalibrated_words,
    share_words,
)
from leukoscope.reports.words import metric_title, of_hundred, p_value, percent_level

Row = dict[str, Any]
SHARES = {"kind": "Kind of file", "label": "True class", "called": "Called"}


def validation_section(folder: Path, *, leaking: bool) -> Row | None:
    """Return what the template ``page_validation.html`` shows; None where the folder is of no validation.

    Args:
        folder: The folder of a report.
        leaking: Whether its scores are marked.

    Raises:
        DataError: a table is missing or damaged.
    """
    place = ValidationFolder(folder)
    if not place.record.is_file():
        return None
    record: Row = read_json(place.record)
    drift = read_table(place.drift).to_dicts()
    return {
        "bundle": record["bundle"],
        "data": record["data"]["name"],
        "whom": record["whom"],
        "beside": [_beside(row) for row in read_table(place.beside).to_dicts()],
        "moved": moved_words(drift),
        "pictures": [_drift(row) for row in drift if row["of"] == "pictures"],
        "answers": [_drift(row) for row in drift if row["of"] == "answers"],
        "shares": _shares(read_table(place.shares).to_dicts(), record["bundle"]["classes"]),
        "referral": _referral(record["referral"]),
        "strangers": _strangers(record["out_of_distribution"]),
        "unlike": _unlike(place, record["bundle"]["classes"]),
        "recalibration": _recalibration(place, record["recalibration"]),
        "warnings": record["warnings"],
        "notes": record["notes"],
        "facts": _facts(record),
        "figures": {
            name: [{"svg": inline_svg(one), "width": one.width, "alt": one.alt} for one in drawn]
            for name, drawn in validation_figures(place, record, leaking=leaking).items()
        },
    }


def _beside(row: Row) -> Row:
    return {
        "title": metric_title(row["score"]),
        "home": of(row, "home"),
        "here": of(row, "here"),
        "difference": difference_of(row),
        "reason": row["reason"] if row["here"] is None else None,
    }


def _drift(row: Row) -> Row:
    means = {part: _mean(row, part) for part in ("train", "test", "here")}
    return {
        "title": row["title"],
        "unit": row["unit"],
        **means,
        "test_gap": number(row["test_gap"], 2),
        "gap": number(row["gap"], 2),
        "standardised": number(row["standardised"], 2),
        "stability_index": number(row["stability_index"], 2),
        "judgement": row["judgement"] or "not known",
    }


def _mean(row: Row, part: str) -> str:
    mean, deviation = row[f"{part}_mean"], row[f"{part}_deviation"]
    if mean is None:
        return number(None)
    digits = 3 if max(abs(mean), deviation) < 2 else 1  # noqa: PLR2004 - shares need more digits than px
    return f"{number(mean, digits)} ± {number(deviation, digits)}"


def _shares(rows: list[Row], classes: Row) -> list[Row]:
    titles = dict(zip(classes["names"], classes["titles"], strict=True))
    return [
        {
            "of": SHARES[row["of"]],
            "title": row["name"] if row["of"] == "kind" else titles[row["name"]],
            **{part: _percent(row[part]) for part in ("train", "test", "here")},
        }
        for row in rows
    ]


def _percent(share: float | None) -> str:
    return number(None) if share is None else f"{of_hundred(share)} %"


def _referral(found: Row | None) -> list[tuple[str, str]] | None:
    if found is None:
        return None
    rows = [("Referred", share_words(found, "referred"))]
    if found["of"] == "cells":
        rows += [("Called rightly, of the rest", share_words(found, "accuracy"))]
        rows += [("The same if none were referred", share_words(found, "accuracy_of_all"))]
        return [*rows, ("Asked for at home", percent_level(found["wanted"]))]
    rows += [("True class among what is left", share_words(found, "covered"))]
    return [*rows, ("Promised", percent_level(found["promised"]))]


def _strangers(found: Row | None) -> Row | None:
    if found is None:
        return None
    return {
        "cells": counted(found["cells"], "cell"),
        "flagged": f"{found['flagged_cells']:,}",
        "share": share_words(found, "flagged"),
        "home": share_words(found, "home") if found["home"] else "not known",
        "expected": percent_level(round(found["expected"], 6)),
    }


def _unlike(place: ValidationFolder, classes: Row) -> list[Row]:
    if not place.unlike.is_file():
        return []
    titles = dict(zip(classes["names"], classes["titles"], strict=True))
    rows = read_table(place.unlike, text=True).to_dicts()
    return [{**row, "label": titles[row["label"]], "distance": number(float(row["distance"]), 2)} for row in rows]


def _recalibration(place: ValidationFolder, found: Row | None) -> Row | None:
    if found is None:
        return None
    referral = found["referral"]
    both = None
    if referral is not None:
        before, after = (dict(_referral(referral[state]) or []) for state in ("before", "after"))
        both = [(name, before[name], after.get(name, number(None))) for name in before]
    return {
        "sentences": recalibrated_words(found),
        "rows": [_before_after(row) for row in read_table(place.recalibration).to_dicts()],
        "referral": both,
        "notes": found["notes"],
    }


def _before_after(row: Row) -> Row:
    return {
        "title": metric_title(row["score"]),
        "before": of(row, "before"),
        "after": of(row, "after"),
        "difference": difference_of(row),
        "p": p_value(row["p"]),
        "reason": row["reason"] if row["before"] is None or row["after"] is None else None,
    }


def _facts(record: Row) -> list[tuple[str, str]]:
    bundle, left_out = record["bundle"], record["left_out"]
    learned = bundle["trained_on"].get("data", "not known")
    pairs = [("Bundle", bundle["name"]), ("Learned from", learned), ("Other data set", record["data"]["name"])]
    pairs += [("Classes", "; ".join(f"{theirs} is {ours}" for theirs, ours in record["map"]["classes"].items()))]
    pairs += [("Left out", "; ".join(f"{reason}: {number:,}" for reason, number in left_out.items()) or "nothing")]
    threshold = bundle["threshold"]
    pairs += [] if threshold is None else [("Threshold", number(threshold))]
    return pairs + ([("Command", record["command"])] if record["command"] else [])
