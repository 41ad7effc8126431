"""Leaks: patients, linked groups and pictures that a split puts on two sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.cohort.splits.ties import FOUND, said, tie, unit_pairs
from leukoscope.errors import LeakageError, counted

NAMED_UNITS = 10
NAMED_PICTURES = 12
WAY_ON = (
    "Let the parts be drawn (split.kind holdout, split.by patient), or go on with --allow-leakage REASON: then the "
    "run, its scores, its report and its bundle carry the mark."
)


@dataclass(frozen=True)
class Leaks:
    """What stands on two sides of a split.

    Args:
        shared: Patients with cells in several parts: ``unit``, ``parts`` ("train 20, test 11").
        linked: Linked groups of which several units stand in several parts: ``group``, ``parts``
            ("patient A (train) and patient B (test)").
        pairs: What ties them, one row for two units: ``group``, ``unit_a``, ``unit_b``, ``parts_a``, ``parts_b``
            ("train"), and what ``unit_pairs`` says of them.
    """

    shared: pl.DataFrame
    linked: pl.DataFrame
    pairs: pl.DataFrame

    def __bool__(self) -> bool:
        return self.shared.height + self.linked.height > 0

    def sentences(self) -> list[str]:
        """Return a sentence for each pair of units, group or patient that stands on two sides."""
        pairs = [_pair_sentence(row) for row in self.pairs.iter_rows(named=True)]
        indirect = self.linked.join(self.pairs, on="group", how="anti")
        chains = [f"{parts} are linked through others" for _, parts in indirect.iter_rows()]
        shared = [f"{said(unit)} has cells on two sides ({parts})" for unit, parts in self.shared.iter_rows()]
        return pairs + chains + shared

    def error(self) -> LeakageError:
        """Return the error that names them."""
        sentences = self.sentences()
        what = [
            counted(self.linked.height, "linked group") if self.linked.height else "",
            counted(self.shared.height, "patient") if self.shared.height else "",
        ]
        return LeakageError(
            f"The split puts on two sides what belongs together: {' and '.join(filter(None, what))}.",
            where="; ".join(sentences[:NAMED_UNITS]),
            more=max(len(sentences) - NAMED_UNITS, 0),
            do=WAY_ON,
        )


def find_leaks(split: Split, groups: LinkedGroups) -> Leaks:
    """Find what a split puts on two sides.

    Args:
        split: The split.
        groups: The linked groups of the cohort that was split.
    """
    placed = split.table.select("id", "part").join(groups.table, on="id")
    parts = placed.group_by("group").agg(first=pl.col("part").min(), last=pl.col("part").max())
    crossing = placed.join(parts.filter(pl.col("first") != pl.col("last")), on="group", how="semi")
    crossing = crossing.group_by("group", "unit", "part").agg(cells=pl.len()).sort("group", "unit", _order("part"))
    shared = crossing.filter(pl.len().over("unit") > 1)
    count = pl.format("{} {}", "part", "cells")
    shared = shared.group_by("unit", maintain_order=True).agg(parts=count.str.join(", "))
    crossing = crossing.filter(pl.col("unit").n_unique().over("group") > 1)
    units = crossing.group_by("group", "unit", maintain_order=True).agg(parts=pl.col("part").str.join(", "))
    placement = pl.format("{} ({})", _said("unit"), "parts").str.join(" and ")
    linked = units.group_by("group", maintain_order=True).agg(parts=placement)
    return Leaks(shared, linked, _pairs(units, groups.links))


def _pairs(units: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    crossing = links.filter(pl.col("unit_a").is_in(units["unit"].implode()))
    pairs = unit_pairs(crossing).join(units.rename({"unit": "unit_a", "parts": "parts_a"}), on="unit_a")
    sides = units.select(unit_b="unit", parts_b="parts")
    pairs = pairs.join(sides, on="unit_b").sort("unit_a", "unit_b")
    two_sides = (pl.col("parts_a") != pl.col("parts_b")) | pl.col("parts_a").str.contains(", ", literal=True)
    return pairs.filter(two_sides).select("group", "unit_a", "unit_b", "parts_a", "parts_b", "count", *FOUND)


def _pair_sentence(row: dict[str, Any]) -> str:
    unit_a, unit_b = str(row["unit_a"]), str(row["unit_b"])
    both = f"{said(unit_a)} ({row['parts_a']}) and {said(unit_b)} ({row['parts_b']})"
    if unit_a.startswith("cell:") and unit_b.startswith("cell:"):
        return f"{both} are {'identical pictures' if row['pictures'] else 'one cell in two pictures'}"
    kinds = [f"{amount} ({named})" if named else amount for amount, named in tie(row, NAMED_PICTURES)]
    if not kinds:
        return f"{both} are declared to be one person"
    return f"{both} share {' and '.join(kinds)}"


def _said(column: str) -> pl.Expr:
    cell = pl.col(column).str.starts_with("cell:")
    name = pl.col(column).str.strip_prefix("cell:")
    return pl.concat_str(pl.when(cell).then(pl.lit("cell ")).otherwise(pl.lit("patient ")), name)


def _order(column: str) -> pl.Expr:
    return pl.col(column).replace_strict({part: place for place, part in enumerate(PARTS)}, return_dtype=pl.Int8)
