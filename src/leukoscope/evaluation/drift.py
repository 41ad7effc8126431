"""Pictures and answers in short, as a bundle keeps those that it knows, and how far others have moved from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from leukoscope.evaluation.calling import decide
from leukoscope.evaluation.confidence import confidences
from leukoscope.evaluation.distributions import (
    Distribution,
    distribution_of,
    judged,
    largest_gap,
    stability_index,
    standardised,
)
from leukoscope.pictures.appearance import ASPECTS, KIND, Aspect, appearance_table
from leukoscope.predictions.table import Predictions

POSITIVE, CONFIDENCE = "positive", "confidence"
ANSWERS = (
    Aspect(POSITIVE, "probability of the positive class", "0 to 1"),
    Aspect(CONFIDENCE, "probability of the class that is called", "0 to 1"),
)
"""The distributions of answers."""
ALIKE, AS_AT_HOME = judged(0), "no more than at home"
DRIFT_SCHEMA: dict[str, pl.DataType] = {
    "of": pl.String(),
    "name": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    **{f"{part}_{what}": pl.Float64() for part in ("train", "test", "here") for what in ("mean", "deviation")},
    "test_gap": pl.Float64(),
    "gap": pl.Float64(),
    "standardised": pl.Float64(),
    "stability_index": pl.Float64(),
    "judgement": pl.String(),
}
"""The columns of ``drift.csv``; see ``drift_table``."""
SHARES_SCHEMA: dict[str, pl.DataType] = {
    "of": pl.String(),
    "name": pl.String(),
    **dict.fromkeys(("train", "test", "here"), pl.Float64()),
}
"""The columns of ``shares.csv``; see ``shares_table``."""

Short = dict[str, Any]


def pictures_in_short(pictures: pl.DataFrame) -> Short:
    """Return what pictures look like in short, as JSON values.

    Args:
        pictures: Rows of the pictures table.

    Returns:
        ``number``; ``aspects``, a ``Distribution`` by the name of each aspect that is known of any; ``kinds``, the
        share of each kind of file.
    """
    looks = appearance_table(pictures)
    found = {aspect.name: distribution_of(looks[aspect.name].fill_null(np.nan).to_numpy()) for aspect in ASPECTS}
    aspects = {name: one.as_json() for name, one in found.items() if one is not None}
    return {"number": looks.height, "aspects": aspects, "kinds": _shares(looks[KIND])}


def answers_in_short(predictions: Predictions, threshold: float | None) -> Short:
    """Return predictions in short, as JSON values.

    Args:
        predictions: With probabilities as the bundle states them, calibrated where it calibrates.
        threshold: The operating threshold on these, as of ``decide``.

    Returns:
        ``number``, ``unit``; ``aspects``, a ``Distribution`` by name (``confidence``; of two classes ``positive``);
        ``labels`` and ``called``, the share of each class.
    """
    classes, shares = predictions.classes, predictions.probabilities()
    values = {CONFIDENCE: confidences(shares, classes, threshold)}
    if classes.positive is not None:
        values = {POSITIVE: shares[:, classes.index(classes.positive)], **values}
    found = {name: distribution_of(one) for name, one in values.items()}
    called = pl.Series([classes.names[place] for place in decide(shares, classes, threshold)], dtype=pl.String)
    return {
        "number": predictions.table.height,
        "unit": predictions.unit,
        "aspects": {name: one.as_json() for name, one in found.items() if one is not None},
        "labels": _shares(predictions.table["label"], classes.names),
        "called": _shares(called, classes.names),
    }


def drift_table(pictures: Mapping[str, Short | None], answers: Mapping[str, Short | None]) -> pl.DataFrame:
    """Return how far pictures and answers have moved.

    Args:
        pictures: What ``pictures_in_short`` returned of ``train`` and ``test`` at home, and of ``here``; None where
            that is not known.
        answers: What ``answers_in_short`` returned of ``test`` and ``here``, likewise.

    Returns:
        A row an aspect: ``of`` (``pictures``, ``answers``), ``name``, ``title``, ``unit``, mean and deviation of each
        part; ``gap``, from the training pictures (answers: from the test part's) to here (``largest_gap``);
        ``test_gap``, the same to the test part at home, to hold it against; ``standardised``, of answers
        ``stability_index``; ``judgement``, of ``gap``: ``no more than at home`` where ``test_gap`` is as large. Numbers
        are null where they cannot be told.
    """
    rows = [_row("pictures", aspect, pictures, "train") for aspect in ASPECTS]
    rows += [_row("answers", aspect, answers, "test") for aspect in ANSWERS]
    return pl.DataFrame([row for row in rows if _known(row)], schema=DRIFT_SCHEMA)


def shares_table(pictures: Mapping[str, Short | None], answers: Mapping[str, Short | None]) -> pl.DataFrame:
    """Return shares at home and here: ``of`` (``kind`` of file, ``label``, ``called``), ``name``, and each part's.

    Args:
        pictures: As of ``drift_table``.
        answers: As of ``drift_table``.
    """
    rows = list[dict[str, Any]]()
    for of, parts, field in (("kind", pictures, "kinds"), ("label", answers, "labels"), ("called", answers, "called")):
        known = {part: short[field] for part, short in parts.items() if short is not None}
        names = dict.fromkeys(name for shares in known.values() for name in shares)
        own = ({part: shares.get(name, 0.0) for part, shares in known.items()} for name in names)
        rows += [{"of": of, "name": name, **shares} for name, shares in zip(names, own, strict=True)]
    return pl.DataFrame(rows, schema=SHARES_SCHEMA)


def aspect_of(short: Short | None, name: str) -> Distribution | None:
    """Return one distribution of what is kept in short; None where it is not known.

    Args:
        short: What ``pictures_in_short`` or ``answers_in_short`` returned; None for nothing.
        name: The aspect's.
    """
    found = (short or {}).get("aspects", {}).get(name)
    return None if found is None else Distribution.from_json(found)


def _row(of: str, aspect: Aspect, parts: Mapping[str, Short | None], beside: str) -> dict[str, Any]:
    found = {part: aspect_of(short, aspect.name) for part, short in parts.items()}
    row: dict[str, Any] = {"of": of, **asdict(aspect)}
    for part, one in found.items():
        row |= {f"{part}_mean": None if one is None else one.mean}
        row |= {f"{part}_deviation": None if one is None else one.deviation}
    base, here, test = found.get(beside), found.get("here"), found.get("test")
    if base is None or here is None:
        return row
    row |= {"gap": largest_gap(base, here), "standardised": standardised(base, here)}
    row["judgement"] = judged(row["gap"])
    if of == "answers":
        row["stability_index"] = stability_index(base, here)
    elif test is not None:
        row["test_gap"] = largest_gap(base, test)
        if row["gap"] <= row["test_gap"] and row["judgement"] != ALIKE:
            row["judgement"] = AS_AT_HOME
    return row


def _known(row: Mapping[str, Any]) -> bool:
    return any(row.get(f"{part}_mean") is not None for part in ("train", "test", "here"))


def _shares(values: pl.Series, names: tuple[str, ...] = ()) -> dict[str, float]:
    known = values.drop_nulls()
    counts = dict(known.value_counts().sort(known.name).iter_rows())
    return {name: counts.get(name, 0) / max(len(known), 1) for name in dict.fromkeys([*names, *counts])}
