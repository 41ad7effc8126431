"""The evidence that every check looks at, put together once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, identical_pairs, linked_groups
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import DataError
from leukoscope.pictures.facts import SCHEMA

SIDES = ("unit", "label", "place", "part")


@dataclass(frozen=True)
class Evidence:
    """A cohort, its pictures, and what joins them.

    Args:
        cohort: The cohort.
        crop: Side in pixels of the centre square that a network sees; None where it sees all.
        split: A split to look at; None where there is none.
        cells: One row a cell, excluded ones too, sorted by id: the cohort's columns, those of the pictures table,
            ``unit`` (the patient, or ``cell:<id>``) and ``part`` (null without a split).
        pairs: One row a pair of identical pictures, sorted: ``id_a``, ``id_b``, ``kind`` and, of each side, ``unit_a``,
            ``label_a``, ``place_a``, ``part_a``; ``unit_a`` never sorts after ``unit_b``.
        groups: The linked groups.
    """

    cohort: Cohort
    crop: int | None
    split: Split | None
    cells: pl.DataFrame
    pairs: pl.DataFrame
    groups: LinkedGroups

    @property
    def readable(self) -> pl.DataFrame:
        """The cells whose picture could be read."""
        return self.cells.filter(pl.col("width").is_not_null() & pl.col("problem").is_null())

    @property
    def labelled(self) -> pl.DataFrame:
        """The usable cells whose class is known."""
        return self.cells.filter(pl.col("excluded").is_null() & pl.col("label").is_not_null())


def gather(cohort: Cohort, pictures: pl.DataFrame, *, crop: int | None = None, split: Split | None = None) -> Evidence:
    """Put the evidence together.

    Args:
        cohort: The cohort.
        pictures: The pictures table: ``id`` and any columns of ``pictures.facts.SCHEMA``.
        crop: Side in pixels of the centre square that a network sees.
        split: A split to look at.

    Raises:
        DataError: the pictures table has no ids.
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
    # Only what was decoded, or at least hashed, can be compared.
    hashed = known if "pixels_sha256" in pictures.columns else known.drop("pixels_sha256")
    groups = linked_groups(cohort, identical_pairs(hashed))
    cells = cohort.cells.drop("unit", "part", *SCHEMA, strict=False)
    for table in (known, groups.table.select("id", "unit"), parts):
        cells = cells.join(table, on="id", how="left")
    cells = cells.sort("id")
    return Evidence(cohort, crop, split, cells, _pairs(groups.links, cells), groups)


def _pairs(links: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    sides = cells.select("id", *SIDES)
    pairs = links.select("id_a", "id_b", "kind")
    for end in ("a", "b"):
        pairs = pairs.join(sides.rename({name: f"{name}_{end}" for name in sides.columns}), on=f"id_{end}")
    turned = pl.col("unit_a") > pl.col("unit_b")
    ordered = []
    for name in ("id", *SIDES):
        one, two = pl.col(f"{name}_a"), pl.col(f"{name}_b")
        ordered += [pl.when(turned).then(two).otherwise(one).alias(f"{name}_a")]
        ordered += [pl.when(turned).then(one).otherwise(two).alias(f"{name}_b")]
    return pairs.select(*ordered[:2], "kind", *ordered[2:]).sort("unit_a", "unit_b", "id_a", "id_b")
