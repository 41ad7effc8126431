"""Checks of masks: missing ones, and grey values that mean nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, singly
from leukoscope.errors import counted

MASK = "mask"
SHOWN = 5
MOST = 2_000
USUAL_SHARE = 0.01


def masks_missing(evidence: Evidence) -> list[Finding]:
    """List the pictures without a mask where others have one, and masks whose file is not there."""
    if MASK not in evidence.cells.columns or not evidence.cells[MASK].count():
        return []
    cells = evidence.usable.select("id", "path", MASK)
    there = [name is not None and evidence.cohort.file(name).is_file() for name in cells[MASK]]
    gone = cells.filter(~pl.Series(there, dtype=pl.Boolean))
    if not gone.height or gone.height == cells.height:  # hashes alone, without any file, say nothing of masks
        return []
    named = ", ".join(gone["id"].head(SHOWN)) + (f" and {gone.height - SHOWN:,} more" if gone.height > SHOWN else "")
    sentence = f"{counted(gone.height, 'picture')} of {cells.height:,} without a mask: {named}."
    do = "Fetch the masks again, or leave these pictures out where masks are needed."
    return [Finding("masks_missing", "warning", sentence, gone.height, {"cells": gone}, do, singly(gone))]


def stray_values_in_masks(evidence: Evidence) -> list[Finding]:
    """List the masks with grey values that hardly any mask has: less than 1 % of all pixels, and in few masks.

    Of more than 2,000 masks those with the first ids are read.
    """
    if MASK not in evidence.cells.columns:
        return []
    cells = evidence.usable.drop_nulls(MASK).select("id", MASK).head(MOST)
    counts = {name: _values(evidence.cohort.file(path)) for name, path in cells.iter_rows()}
    known = {name: count for name, count in counts.items() if count is not None}
    if not known:
        return []
    each = np.stack(list(known.values()))
    share = each.sum(axis=0) / each.sum()
    usual = (share >= USUAL_SHARE) | ((each > 0).mean(axis=0) > 0.5)  # noqa: PLR2004 - in most masks
    rows = [
        {"id": name, "pixels": int(count[~usual].sum()), "values": np.flatnonzero((count > 0) & ~usual).tolist()}
        for name, count in known.items()
    ]
    stray = pl.DataFrame(rows, schema={"id": pl.String, "pixels": pl.Int64, "values": pl.List(pl.Int64)})
    stray = stray.filter(pl.col("pixels") > 0).sort("id")
    if not stray.height:
        return []
    means = ", ".join(map(str, np.flatnonzero(usual)))
    sentence = (
        f"{counted(stray.height, 'mask')} of {len(known):,} with stray grey values, {stray['pixels'].sum():,} pixels "
        f"in all; the values that mean something are {means}."
    )
    do = "Take each stray value as the nearest one that means something."
    tables = {"masks": stray}
    return [Finding("stray_values_in_masks", "warning", sentence, stray.height, tables, do, singly(stray))]


def _values(path: Path) -> np.ndarray | None:
    """Return how many pixels of a mask have each grey value, (256,); None where it cannot be read."""
    if not path.is_file():
        return None
    read = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if read is None else np.bincount(read.ravel(), minlength=256)
