"""The evidence that every check looks at, put together once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from leukoscope.audit.shortcuts import Survey, survey
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LINK_SCHEMA, LinkedGroups, identical_pairs, linked_groups
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import DataError
from leukoscope.pictures.facts import SCHEMA

SIDES = ("unit", "label", "place", "part")
NEAR = "near"
MEASURED = ("correlation", "degrees", "flipped")


@dataclass(frozen=True)
class Evidence:
    """A cohort, its pictures, and what joins them.

    Args:
        cohort: The cohort.
        crop: Side in pixels of the centre square that a network sees; None where it sees all.
        split: A split to look at; None where there is none.
        cells: One row a cell, excluded ones too, sorted by id: the cohort's columns, those of the pictures table,
            ``unit`` (the patient, or ``cell:<id>``), ``group`` (the linked group) and ``part`` (null without a split).
        pairs: One row a pair of identical pictures, sorted: ``id_a``, ``id_b``, ``kind`` and, of each side, ``unit_a``,
            ``label_a``, ``place_a``, ``part_a``; ``unit_a`` never sorts after ``unit_b``.
        near: Likewise the pairs that show one cell in two pictures, with ``correlation`` and, where they are known,
            ``degrees`` (by which the second is turned) and ``flipped``; empty where nobody looked for any.
        overlapping: Likewise the pairs that share a part of a field, but show two cells of it; they link nobody.
        groups: The linked groups.
    """

    cohort: Cohort
    crop: int | None
    split: Split | None
    cells: pl.DataFrame
    pairs: pl.DataFrame
    near: pl.DataFrame
    overlapping: pl.DataFrame
    groups: LinkedGroups

    @property
    def readable(self) -> pl.DataFrame:
        """The cells whose picture could be read."""
        return self.cells.filter(pl.col("width").is_not_null() & pl.col("problem").is_null())

    @property
    def labelled(self) -> pl.DataFrame:
        """The usable cells whose class is known."""
        return self.usable.filter(pl.col("label").is_not_null())

    @property
    def usable(self) -> pl.DataFrame:
        """The cells that are not excluded."""
        return self.cells.filter(pl.col("excluded").is_null())

    @property
    def unseen(self) -> pl.DataFrame:
        """The cells whose picture nobody looked at: no size is known, and nothing is wrong with it."""
        return self.cells.filter(pl.col("width").is_null() & pl.col("problem").is_null())

    @cached_property
    def shortcuts(self) -> Survey:
        """How well global statistics tell the classes; measured once, when a check first asks."""
        found: Survey = survey(self.usable, self.cohort)
        return found


def gather(
    cohort: Cohort,
    pictures: pl.DataFrame,
    *,
    crop: int | None = None,
    split: Split | None = None,
    twins: pl.DataFrame | None = None,
    overlapping: pl.DataFrame | None = None,
) -> Evidence:
    """Put the evidence together.

    Args:
        cohort: The cohort.
        pictures: The pictures table: ``id`` and any columns of ``pictures.facts.SCHEMA``.
        crop: Side in pixels of the centre square that a network sees.
        split: A split to look at.
        twins: Confirmed pairs that show one cell: ``id_a``, ``id_b``, ``kind``, ``correlation``.
        overlapping: Pairs that share a part of a field, in the same columns.

    Raises:
        DataError: the pictures table has no ids, or a table of pairs lacks a column.
    """
    if "id" not in pictures.columns:
        raise DataError(f"The pictures table lacks the column 'id'; its columns: {', '.join(pictures.columns)}.")
    facts = [
        (pl.col(name) if name in pictures.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    ]
    known = pictures.select("id", *facts)
    parts = (
        pl.DataFrame(schema={"id": pl.String, "part": pl.String}) if split is None else split.table.select("id", "part")
    )
    groups = linked_groups(cohort, pl.concat([identical_pairs(_hashed(known)), _near(twins)], how="diagonal"))
    cells = cohort.cells.drop("unit", "group", "part", *SCHEMA, strict=False)
    for table in (known, groups.table, parts):
        cells = cells.join(table, on="id", how="left")
    cells = cells.sort("id")
    pairs = _pairs(groups.links.drop_nulls(["id_a", "id_b"]), cells)
    near = pairs.filter(pl.col("kind") == NEAR)
    exact = pairs.filter(pl.col("kind") != NEAR).drop(name for name in pairs.columns if name in MEASURED)
    return Evidence(cohort, crop, split, cells, exact, near, _pairs(_near(overlapping), cells), groups)


def _hashed(pictures: pl.DataFrame) -> pl.DataFrame:
    """Return what identical pictures are found by; where none was decoded, hashes of files alone."""
    decoded = pictures.select((pl.col("pixels_sha256").is_not_null() | pl.col("problem").is_not_null()).any()).item()
    return pictures if decoded else pictures.drop("pixels_sha256")


def _near(twins: pl.DataFrame | None) -> pl.DataFrame:
    if twins is None:
        return pl.DataFrame(schema=LINK_SCHEMA)
    missing = [name for name in LINK_SCHEMA if name not in twins.columns]
    if missing:
        found = ", ".join(twins.columns)
        raise DataError(f"The table of twins lacks the column {missing[0]!r}; its columns: {found}.")
    return twins.select(*LINK_SCHEMA, *(name for name in MEASURED if name in twins.columns and name not in LINK_SCHEMA))


def _pairs(links: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    sides = cells.select("id", *SIDES)
    pairs = links.select("id_a", "id_b", "kind", *(name for name in MEASURED if name in links.columns))
    for end in ("a", "b"):
        pairs = pairs.join(sides.rename({name: f"{name}_{end}" for name in sides.columns}), on=f"id_{end}")
    turned = pl.col("unit_a") > pl.col("unit_b")
    ordered = []
    for name in ("id", *SIDES):
        one, two = pl.col(f"{name}_a"), pl.col(f"{name}_b")
        ordered += [pl.when(turned).then(two).otherwise(one).alias(f"{name}_a")]
        ordered += [pl.when(turned).then(one).otherwise(two).alias(f"{name}_b")]
    if {"degrees", "flipped"} <= set(pairs.columns):
        # Seen from the other side an angle runs the other way round; that of a mirrored picture stays.
        other = pl.when("flipped").then("degrees").otherwise((360 - pl.col("degrees")) % 360)
        pairs = pairs.with_columns(pl.when(turned).then(other).otherwise("degrees").alias("degrees"))
    kept = [name for name in pairs.columns if name == "kind" or name in MEASURED]
    return pairs.select(*ordered[:2], *kept, *ordered[2:]).sort("unit_a", "unit_b", "id_a", "id_b")
