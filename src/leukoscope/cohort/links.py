"""Linked groups: patients or cells that must stay on one side of every split, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from leukoscope.cohort.cohort import Cohort

LINK_SCHEMA = {"id_a": pl.String(), "id_b": pl.String(), "kind": pl.String(), "correlation": pl.Float64()}
LINK_COLUMNS = (*LINK_SCHEMA, "pictures", "unit_a", "unit_b")
SPELLED_OUT = 8


@dataclass(frozen=True)
class LinkedGroups:
    """Which cells belong together.

    Args:
        table: One row a cell: ``id``, ``unit`` (the patient; ``cell:<id>`` where none is known) and ``group`` (the
            name of the linked group: its units joined by ``+`` if there are several, in sorted order; of more than
            eight the first eight and how many more, so that a picture that stands a thousand times has a short name).
        links: What is behind the groups: confirmed pairs of pictures, ``id_a``, ``id_b``, ``kind`` (``exact bytes``,
            ``exact pixels``, ``near``), ``correlation`` (of a near pair; null of an exact one), and what was known of
            patients beforehand (no ids); ``unit_a``, ``unit_b`` and ``pictures`` (how many pictures tie them, 1 of a
            pair). Pairs within one unit are there too.
    """

    table: pl.DataFrame
    links: pl.DataFrame

    @property
    def joined(self) -> dict[str, list[str]]:
        """The groups of more than one unit: name to sorted units."""
        units = self.table.select("group", "unit").unique()
        grouped = units.group_by("group").agg(pl.col("unit").sort()).filter(pl.col("unit").list.len() > 1).sort("group")
        return dict(grouped.iter_rows())


def identical_pairs(pictures: pl.DataFrame) -> pl.DataFrame:
    """Return every pair of identical pictures: columns ``id_a``, ``id_b``, ``kind``, ``correlation`` (null).

    Pictures of equal bytes are ``exact bytes``; of equal pixels but other bytes, ``exact pixels``. Of a set of k
    identical pictures each of the k - 1 later ones (in the order of their ids) is paired with the first.

    Args:
        pictures: Columns ``id``, ``sha256`` and, optionally, ``pixels_sha256`` (null where a picture is unreadable:
            such a one is paired with nothing, since all empty files are alike and say nothing of patients).
    """
    if "pixels_sha256" in pictures.columns:
        pictures = pictures.filter(pl.col("pixels_sha256").is_not_null())
    pictures = pictures.sort("id")
    pairs = []
    for column, kind in (("sha256", "exact bytes"), ("pixels_sha256", "exact pixels")):
        if column not in pictures.columns:
            continue
        known = pictures.filter(pl.col(column).is_not_null())
        first = known.group_by(column, maintain_order=True).agg(id_a=pl.col("id").first())
        paired = known.join(first, on=column, maintain_order="left").filter(pl.col("id") != pl.col("id_a"))
        pairs.append(paired.select("id_a", id_b="id", kind=pl.lit(kind), correlation=pl.lit(None, pl.Float64)))
    found = pl.concat(pairs) if pairs else pl.DataFrame(schema=LINK_SCHEMA)
    return found.unique(["id_a", "id_b"], keep="first", maintain_order=True)


def linked_groups(cohort: Cohort, links: pl.DataFrame) -> LinkedGroups:
    """Join units by confirmed pairs, and by what is known of patients: patients where they are known, cells elsewhere.

    Args:
        cohort: The cohort, all of its rows (excluded ones too: they may tie patients together). Its ``patient_links``
            count too; a patient of them who has no cell here may still be what joins two others.
        links: ``id_a``, ``id_b``, ``kind``, and ``correlation`` where there is one; pairs whose ids are not in the
            cohort are left out.
    """
    unit = pl.coalesce("patient", pl.concat_str(pl.lit("cell:"), "id")).alias("unit")
    units = cohort.cells.select("id", unit)
    for end in ("a", "b"):
        side = units.rename({"id": f"id_{end}", "unit": f"unit_{end}"})
        links = links.join(side, on=f"id_{end}", maintain_order="left")
    links = pl.concat([links.with_columns(pictures=pl.lit(1, pl.Int64)), _known(cohort)], how="diagonal")
    names = pl.concat([units["unit"], links["unit_a"], links["unit_b"]]).unique()
    group = _components(names, links["unit_a"], links["unit_b"])
    links = links.select(*LINK_COLUMNS, *(name for name in links.columns if name not in LINK_COLUMNS))
    return LinkedGroups(units.join(group, on="unit", how="left", maintain_order="left"), links)


def _known(cohort: Cohort) -> pl.DataFrame:
    """Return what is known of patients in the form of links without ids."""
    nobody = pl.lit(None, pl.String)
    return cohort.patient_links.select(
        id_a=nobody,
        id_b=nobody,
        kind="kind",
        correlation=pl.lit(None, pl.Float64),
        pictures="pictures",
        unit_a="patient_a",
        unit_b="patient_b",
    )


def picture_groups(groups: LinkedGroups) -> pl.DataFrame:
    """Return which cells are one picture, whoever their patients are: columns ``id`` and ``group``.

    This is what a split by cell keeps together.
    """
    links = groups.links.drop_nulls(["id_a", "id_b"])
    named = _components(groups.table["id"], links["id_a"], links["id_b"])
    return groups.table.select("id").join(named.rename({"unit": "id"}), on="id", how="left", maintain_order="left")


def _components(names: pl.Series, ends_a: pl.Series, ends_b: pl.Series) -> pl.DataFrame:
    """Return ``unit`` and ``group`` of the components that pairs of names make; a name alone is its own group."""
    table = pl.DataFrame({"unit": names.sort()}).with_row_index("place")
    places = [pl.DataFrame({"unit": ends}).join(table, on="unit", maintain_order="left") for ends in (ends_a, ends_b)]
    rows, columns = (side["place"].to_numpy().astype(np.int64) for side in places)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=False)
    table = table.select("unit", component=pl.Series(component))
    several = table.filter(pl.len().over("component") > 1)
    first = pl.col("unit").head(SPELLED_OUT).str.join("+")
    more = pl.when(pl.len() > SPELLED_OUT).then(pl.format("+{} more", pl.len() - SPELLED_OUT)).otherwise(pl.lit(""))
    named = several.group_by("component").agg(group=pl.concat_str(first, more))
    table = table.join(named, on="component", how="left", maintain_order="left")
    return table.select("unit", group=pl.coalesce("group", "unit"))


def label_conflicts(cohort: Cohort, links: pl.DataFrame, *, what: str = "picture") -> pl.DataFrame:
    """Return the cells whose very picture, or the cell on it, is filed under more than one class.

    Args:
        cohort: The cohort.
        links: Pairs of identical pictures, as ``identical_pairs`` returns them, or of pictures of one cell.
        what: What is the same in each pair, for the reason: ``picture`` or ``cell``.

    Returns:
        Columns ``id`` and ``reason``, as ``Cohort.exclude`` takes them; in the cohort's order.
    """
    ids = pl.concat([links["id_a"], links["id_b"]]).unique().sort()
    same = _components(ids, links["id_a"], links["id_b"]).rename({"unit": "id", "group": "same"})
    cells = cohort.cells.select("id", "label").join(same, on="id", maintain_order="left")
    filed = pl.col("label").drop_nulls().unique().sort().over("same", mapping_strategy="join")
    cells = cells.with_columns(filed=filed).filter(pl.col("filed").list.len() > 1)
    reason = pl.format(f"the same {what} is filed under several classes: {{}}", pl.col("filed").list.join(", "))
    return cells.select("id", reason=reason)
