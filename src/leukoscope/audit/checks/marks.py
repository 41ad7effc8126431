"""Checks of marks on pictures: boxes without area, marks beyond the picture, pictures without a box of a class."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, singly
from leukoscope.errors import counted

BOXES, CENTROIDS = "boxes", "centroids"
SHOWN = 5


def boxes_without_area(evidence: Evidence) -> list[Finding]:
    """List the boxes whose right side is not right of the left one, or whose bottom is not below the top."""
    boxes = evidence.cohort.tables.get(BOXES)
    if boxes is None:
        return []
    flat = boxes.filter((pl.col("right") <= pl.col("left")) | (pl.col("bottom") <= pl.col("top"))).sort(
        "id", "left", "top"
    )
    if not flat.height:
        return []
    sentence = f"{counted(flat.height, 'box', 'boxes')} without area, in {_named(flat)}: nothing lies within."
    do = "Leave these boxes out; a program that cuts cells out by them fails or gets empty pictures."
    return [
        Finding(
            "boxes_without_area",
            "warning",
            sentence,
            flat.height,
            {"boxes": flat},
            do,
            singly(flat.unique("id").sort("id")),
        )
    ]


def marks_beyond_picture(evidence: Evidence) -> list[Finding]:
    """List the boxes and centroids that reach out of their picture."""
    sizes = evidence.readable.select("id", "width", "height")
    found = []
    beyond = {
        BOXES: (pl.min_horizontal("left", "top") < 0)
        | (pl.col("right") > pl.col("width"))
        | (pl.col("bottom") > pl.col("height")),
        CENTROIDS: (pl.min_horizontal("x", "y") < 0)
        | (pl.col("x") > pl.col("width"))
        | (pl.col("y") > pl.col("height")),
    }
    for name, outside in beyond.items():
        if name in evidence.cohort.tables:
            marks = evidence.cohort.tables[name].join(sizes, on="id").filter(outside).sort("id")
            found += [marks] if marks.height else []
    if not found:
        return []
    rows = pl.concat(found, how="diagonal")
    sentence = f"{counted(rows.height, 'mark')} beyond the edge of the picture, in {_named(rows)}."
    do = "Cut them at the edge, or ask whether the marks belong to a picture of another size."
    return [
        Finding(
            "marks_beyond_picture",
            "warning",
            sentence,
            rows.height,
            {"marks": rows},
            do,
            singly(rows.unique("id").sort("id")),
        )
    ]


def pictures_without_boxes(evidence: Evidence) -> list[Finding]:
    """Note the pictures that have no box of a class that the others have, or no box at all."""
    boxes = evidence.cohort.tables.get(BOXES)
    if boxes is None or not boxes.height:
        return []
    pictures = evidence.usable.select("id", "path")
    labels = boxes["label"].drop_nulls().unique().sort().to_list()
    missing = [
        pictures.join(boxes.filter(pl.col("label") == label), on="id", how="anti").with_columns(without=pl.lit(label))
        for label in labels
    ]
    rows = pl.concat(missing).sort("without", "id") if missing else pictures.clear().with_columns(without=pl.lit(""))
    if not rows.height:
        return []
    counts = rows.group_by("without").len("pictures").sort("without")
    title = {name: evidence.cohort.classes.title(name) for name in evidence.cohort.classes.names}
    said = ", ".join(f"{number:,} without {title.get(label, label)}" for label, number in counts.iter_rows())
    sentence = (
        f"Of {counted(pictures.height, 'picture')} with boxes, there are {said}: none is there, or nobody drew it."
    )
    tables = {"cells": rows, "by_class": counts}
    rare = rows.filter(pl.col("without") == counts.sort("pictures", "without")["without"][0])
    return [Finding("pictures_without_boxes", "note", sentence, rows["id"].n_unique(), tables, None, singly(rare))]


def _named(rows: pl.DataFrame) -> str:
    names = rows["id"].unique().sort()
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names.head(SHOWN)) + more
