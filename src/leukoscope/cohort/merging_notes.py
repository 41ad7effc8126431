"""What a merged cohort says of itself: what came in, what was left out, and what the source may give away."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import counted

SIZES = (
    "Size, stain and camera differ between data sets, so a picture tells its source: let audit look, and frame all "
    "pictures alike."
)


def merging_notes(
    merged: Cohort,
    added: Cohort,
    other: Cohort,
    chosen: ClassMap,
    *,
    training_only: bool,
    clashes: Sequence[str],
) -> list[str]:
    """Return the sentences on a merge.

    Args:
        merged: What came of it.
        added: The other's cells as they went in, all of them in their order.
        other: The other cohort as it was.
        chosen: The class map.
        training_only: Whether the other's cells may only be trained on.
        clashes: Columns that are of another kind in the other's tables.
    """
    only = ", for training only" if training_only else ""
    column = "classes of the same name" if _same_names(chosen) else f"the column {chosen.by}"
    notes = [f"Added from {other.name}: {counted(added.usable.height, 'cell')} by {column}{only}."]
    notes += _left_out(other, added, chosen)
    notes += _one_source(merged)
    if clashes:
        notes.append(f"Of another kind in {other.name}, so kept under names of their own: {', '.join(clashes)}.")
    return [*notes, SIZES]


def _same_names(chosen: ClassMap) -> bool:
    return chosen.by == "label" and all(theirs == ours for theirs, ours in chosen.classes.items())


def _left_out(other: Cohort, added: Cohort, chosen: ClassMap) -> list[str]:
    values = other.usable[chosen.by].cast(pl.String)
    absent = [value for value in chosen.classes if value not in values]
    # Cell by cell the same rows; what is usable no more is what the map does not name.
    missing = other.cells.filter(pl.col("excluded").is_null() & added.cells["excluded"].is_not_null())
    notes = []
    if missing.height:
        named = missing[chosen.by].cast(pl.String).fill_null(f"no {chosen.by}").alias("value")
        counts = named.value_counts().sort("count", "value")
        said = ", ".join(f"{value} {number:,}" for value, number in reversed(counts.rows()))
        notes.append(f"Left out, being in no class of the map: {counted(missing.height, 'cell')} ({said}).")
    if absent:
        notes.append(f"In the map, but no cell of {other.name} has it: {', '.join(absent)}.")
    return notes


def _one_source(merged: Cohort) -> list[str]:
    """Name the classes that only one source has cells of, where another source has cells of other classes."""
    cells = merged.labelled
    if cells["source"].n_unique() < 2:  # noqa: PLR2004 - a pair
        return []
    sources = cells.group_by("label").agg(pl.col("source").unique().sort())
    alone = sources.filter(pl.col("source").list.len() == 1)
    names = [name for name in merged.classes.names if name in alone["label"]]
    if not names:
        return []
    return [f"With cells from one source only, so that the source may give them away: {', '.join(names)}."]
