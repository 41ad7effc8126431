"""The check that cells lie within the centre square that a network sees."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, singly
from leukoscope.errors import counted


def beyond_crop(evidence: Evidence) -> list[Finding]:
    """List the cells, cut out on black, that have pixels outside the centre square.

    The square begins at ``(width - crop) // 2``, as ``center_crop`` takes it. Where the background is not black a
    cell's outline is not known, and nothing is said.
    """
    if evidence.crop is None:
        return []
    cells = evidence.readable.filter(pl.col("black_background") & pl.col("box_left").is_not_null())
    sides = [
        _outside("width", "box_left", "box_right", evidence.crop),
        _outside("height", "box_top", "box_bottom", evidence.crop),
    ]
    cells = cells.with_columns(beyond=pl.max_horizontal(*sides)).filter(pl.col("beyond") > 0)
    if not cells.height:
        return []
    furthest = int(cells.select(pl.col("beyond").max()).item())
    sentence = (
        f"{counted(cells.height, 'cell')} with pixels outside the {evidence.crop} px centre square, by up to "
        f"{furthest} px: the crop cuts them off."
    )
    do = "Look at them: often the segmentation took in background; else take a larger crop."
    columns = ["id", "path", "patient", "label", "width", "height", "box_left", "box_top", "box_right", "box_bottom"]
    tables = {"cells": cells.select(*columns, "beyond")}
    worst = cells.sort("beyond", "id", descending=[True, False])
    return [Finding("beyond_crop", "warning", sentence, cells.height, tables, do, singly(worst))]


def _outside(size: str, first: str, last: str, crop: int) -> pl.Expr:
    """Pixels by which the box sticks out of the square on the worse of two sides, 0 or more."""
    start = pl.max_horizontal((pl.col(size) - crop) // 2, 0)
    end = pl.min_horizontal(start + crop, pl.col(size))
    return pl.max_horizontal(start - pl.col(first), pl.col(last) - end, 0)
