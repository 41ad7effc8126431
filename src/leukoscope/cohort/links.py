"""Linked groups: patients or cells that must stay on one side of every split, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from leukoscope.cohort.cohort import Cohort

LINK_SCHEMA = {"id_a": pl.String(), "id_b": pl.String(), "kind": pl.String()}


@dataclass(frozen=True)
class LinkedGroups:
    """Which cells belong together.

    Args:
        table: One row a cell: ``id``, ``unit`` (the patient; ``cell:<id>`` where none is known) and ``group`` (the
            name of the linked group: its units joined by ``+`` if there are several, in sorted order).
        links: The confirmed pairs behind the groups: ``id_a``, ``id_b``, ``kind`` (``exact bytes``, ``exact pixels``)
            and ``unit_a``, ``unit_b``; pairs within one unit are there too.
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
    """Return every pair of identical pictures: columns ``id_a``, ``id_b``, ``kind``.

    Pictures of equal bytes are ``exact bytes``; of equal pixels but other bytes, ``exact pixels``. Of a set of k
    identical pictures each of the k - 1 later ones (in the table's order) is paired with the first.

    Args:
        pictures: Columns ``id``, ``sha256`` and, optionally, ``pixels_sha256`` (null where a picture is unreadable).
    """
    pairs = []
    for column, kind in (("sha256", "exact bytes"), ("pixels_sha256", "exact pixels")):
        if column not in pictures.columns:
            continue
        known = pictures.filter(pl.col(column).is_not_null())
        first = known.group_by(column, maintain_order=True).agg(id_a=pl.col("id").first())
        paired = known.join(first, on=column, maintain_order="left").filter(pl.col("id") != pl.col("id_a"))
        pairs.append(paired.select("id_a", id_b="id", kind=pl.lit(kind)))
    found = pl.concat(pairs) if pairs else pl.DataFrame(schema=LINK_SCHEMA)
    return found.unique(["id_a", "id_b"], keep="first", maintain_order=True)


def linked_groups(cohort: Cohort, links: pl.DataFrame) -> LinkedGroups:
    """Join units by confirmed pairs: patients where they are known, single cells elsewhere.

    Args:
        cohort: The cohort, all of its rows (excluded ones too: they may tie patients together).
        links: ``id_a``, ``id_b``, ``kind``; pairs whose ids are not in the cohort are left out.
    """
    unit = pl.coalesce("patient", pl.concat_str(pl.lit("cell:"), "id")).alias("unit")
    units = cohort.cells.select("id", unit)
    named = links.join(units.rename({"id": "id_a", "unit": "unit_a"}), on="id_a", maintain_order="left")
    named = named.join(units.rename({"id": "id_b", "unit": "unit_b"}), on="id_b", maintain_order="left")
    names = units["unit"].unique().sort()
    group = _components(names, named["unit_a"], named["unit_b"])
    return LinkedGroups(units.join(group, on="unit", how="left", maintain_order="left"), named)


def _components(names: pl.Series, ends_a: pl.Series, ends_b: pl.Series) -> pl.DataFrame:
    place = {name: index for index, name in enumerate(names)}
    rows = np.array([place[name] for name in ends_a], dtype=np.int64)
    columns = np.array([place[name] for name in ends_b], dtype=np.int64)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=False)
    table = pl.DataFrame({"unit": names, "component": component})
    named = table.group_by("component").agg(group=pl.col("unit").sort().str.join("+"))
    return table.join(named, on="component").select("unit", "group")
