"""What a split cannot promise: unknown patients, classes that a part lacks, links that swallow a class."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.scarce import said_class
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.cohort.splits.ties import said, tie, unit_pairs
from leukoscope.errors import counted

UNKNOWN_PATIENTS = (
    "No patients are known in this data set: cells of one person may be on both sides, so the score can be too good; "
    "identical pictures were kept together."
)
SOME_UNKNOWN = (
    "{} of {:,} name no patient: a person may be on both sides through them, so the score can be too good; "
    "identical pictures were kept together."
)

Edge = tuple[int, int, float]

MISSING_MEANS = {
    "train": "cannot be learnt",
    "test": "cannot be measured",
    "validation": "does not count in the choice of epoch and threshold",
}


def unknown_patients(cells: pl.DataFrame) -> list[str]:
    """Say what cannot be promised where patients are unknown.

    Args:
        cells: The cells of the split, with ``patient``.
    """
    unknown = cells["patient"].null_count()
    if not unknown:
        return []
    return [
        UNKNOWN_PATIENTS if unknown == cells.height else SOME_UNKNOWN.format(counted(unknown, "cell"), cells.height)
    ]


def missing_classes(cells: pl.DataFrame, split: Split, cohort: Cohort, groups: LinkedGroups) -> list[str]:
    """Name each class that is not in every part, why, and what that means.

    Of a test part that is a single linked group (one patient is left out) this is not said: see ``pooled_only``.

    Args:
        cells: The cells of the split: ``part``, ``label``, ``unit`` and ``group``.
        split: The split.
        cohort: The cohort, for its classes.
        groups: Its linked groups.
    """
    single = split.of is not None and cells.filter(pl.col("part") == "test")["group"].n_unique() == 1
    parts = tuple(part for part in PARTS if not (single and part == "test"))
    sentences = []
    for name in cohort.classes.names:
        of_class = cells.filter(pl.col("label") == name)
        found = set(of_class["part"].unique())
        absent = [part for part in parts if part not in found]
        if absent:
            sentences.append(_missing(name, of_class, absent, cohort.classes, split))
        if absent and of_class["group"].n_unique() < min(of_class["unit"].n_unique(), len(PARTS)):
            sentences += [_swallowed(name, group, of_class, groups) for group in _chains(of_class)]
    return sentences


def pooled_only(cells: pl.DataFrame, split: Split, classes: Classes) -> list[str]:
    """Say what the test part of one split of several cannot tell by itself.

    Args:
        cells: The cells of the split: ``part``, ``label``.
        split: The split.
        classes: The classes.
    """
    found = cells.filter(pl.col("part") == "test")["label"].unique().to_list()
    if split.of is None or len(found) != 1:
        return []
    title = classes.title(found[0])
    means = f"its scores mean something only when the predictions of all {split.of:,} splits are pooled."
    return [f"The test part holds cells of the class {title!r} only: {means}"]


def weakest_link(group: str, groups: LinkedGroups) -> dict[str, Any]:
    """Return the link at which a linked group would fall apart first.

    Two units are tied the more strongly the more pictures they share. The weakest link is the weakest edge of the tree
    of strongest ties that still holds the group together (the maximum spanning tree). The tree may pass through a
    patient who has no cell here.

    Args:
        group: The name of a group of several units.
        groups: The linked groups.

    Returns:
        A row of ``unit_pairs``: ``unit_a``, ``unit_b``, ``count`` and what the tie is.
    """
    present = groups.table.filter(pl.col("group") == group)["unit"].unique().sort()
    ties = unit_pairs(_reached(groups.links, present))
    units = pl.concat([present, ties["unit_a"], ties["unit_b"]]).unique().sort().to_list()
    place = {unit: index for index, unit in enumerate(units)}
    ends = [[place[unit] for unit in ties[column]] for column in ("unit_a", "unit_b")]
    # The spanning tree of smallest 1 / count is that of the largest counts.
    graph = coo_array((1 / ties["count"].to_numpy(), (ends[0], ends[1])), shape=(len(units), len(units)))
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    edges = _needed(list(zip(tree.row, tree.col, tree.data, strict=True)), {place[unit] for unit in present})
    row, column, _ = max(edges, key=lambda edge: (edge[2], -edge[0], -edge[1]))
    found = sorted((units[row], units[column]))
    return ties.row(by_predicate=(pl.col("unit_a") == found[0]) & (pl.col("unit_b") == found[1]), named=True)


def _reached(links: pl.DataFrame, units: pl.Series) -> pl.DataFrame:
    """Return the links of a group, those of absent patients that it passes through included."""
    while True:
        found = links.filter(pl.col("unit_a").is_in(units.implode()) | pl.col("unit_b").is_in(units.implode()))
        ends = pl.concat([units, found["unit_a"], found["unit_b"]]).unique()
        if ends.len() == units.len():
            return found
        units = ends


def _needed(edges: list[Edge], present: set[int]) -> list[Edge]:
    """Return the edges of a tree that hold those who are present together: branches of absent ones are cut off."""
    while True:
        degree = Counter(end for edge in edges for end in edge[:2])
        kept = [edge for edge in edges if all(end in present or degree[end] > 1 for end in edge[:2])]
        if len(kept) == len(edges):
            return kept
        edges = kept


def link_sentence(link: dict[str, Any]) -> str:
    """Return what ``weakest_link`` found as half a sentence."""
    unit_a, unit_b = said(link["unit_a"]), said(link["unit_b"])
    kinds = [f"{amount}: {named}" if named else amount for amount, named in tie(link, 1)]
    return f"{unit_a} and {unit_b} ({'; '.join(kinds) or 'declared to be one person'})"


def _missing(name: str, of_class: pl.DataFrame, absent: list[str], classes: Classes, split: Split) -> str:
    title = said_class(name, classes)
    if not of_class.height:
        return f"{title} has no cell: nothing can be learnt or said of it."
    patients = of_class.filter(~pl.col("unit").str.starts_with("cell:"))["unit"].n_unique()
    whose = f" of {counted(patients, 'patient')}" if patients else ""
    present = " and ".join(part for part in PARTS if (of_class["part"] == part).any())
    means = " and ".join(meaning for part, meaning in MISSING_MEANS.items() if part in absent)
    here = "" if split.of is None else f", in this one of {split.of:,} splits"
    return f"{title}, {counted(of_class.height, 'cell')}{whose}, is in {present} only: it {means}{here}."


def _chains(of_class: pl.DataFrame) -> list[str]:
    several = of_class.group_by("group").agg(units=pl.col("unit").n_unique()).filter(pl.col("units") > 1)
    return several.sort("group")["group"].to_list()


def _swallowed(name: str, group: str, of_class: pl.DataFrame, groups: LinkedGroups) -> str:
    inside = of_class.filter(pl.col("group") == group)
    return (
        f"A chain of links holds {counted(inside.height, 'cell')} of the {of_class.height:,} of the class {name!r} "
        f"together ({group}); its weakest link: {link_sentence(weakest_link(group, groups))}."
    )
