"""What a split cannot promise: unknown patients, classes that a part lacks, links that swallow a class."""

from __future__ import annotations

import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.leaks import said, unit_pairs
from leukoscope.cohort.splits.split import PARTS
from leukoscope.errors import counted

UNKNOWN_PATIENTS = (
    "No patients are known in this data set: cells of one person may be on both sides, so the score can be too good; "
    "identical pictures were kept together."
)
SOME_UNKNOWN = (
    "{} of {:,} name no patient: a person may be on both sides through them, so the score can be too good; "
    "identical pictures were kept together."
)

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


def missing_classes(cells: pl.DataFrame, cohort: Cohort, groups: LinkedGroups) -> list[str]:
    """Name each class that is not in every part, why, and what that means.

    Args:
        cells: The cells of the split: ``part``, ``label``, ``unit`` and ``group``.
        cohort: The cohort, for its classes.
        groups: Its linked groups.
    """
    sentences = []
    for name in cohort.classes.names:
        of_class = cells.filter(pl.col("label") == name)
        absent = [part for part in PARTS if not (of_class["part"] == part).any()]
        if absent:
            sentences.append(_missing(name, of_class, absent, cohort.classes))
        if absent and of_class["group"].n_unique() < min(of_class["unit"].n_unique(), len(PARTS)):
            sentences += [_swallowed(name, group, of_class, groups) for group in _chains(of_class)]
    return sentences


def weakest_link(group: str, groups: LinkedGroups) -> dict[str, object]:
    """Return the link at which a linked group would fall apart first.

    Two units are tied the more strongly the more confirmed pairs they share. The weakest link is the weakest edge of
    the tree of strongest ties that still holds the group together (the maximum spanning tree).

    Args:
        group: The name of a group of several units.
        groups: The linked groups.

    Returns:
        ``unit_a``, ``unit_b``, ``count`` (of pairs between them) and ``pictures`` ("id_a = id_b" each).
    """
    units = groups.table.filter(pl.col("group") == group)["unit"].unique().sort()
    ties = unit_pairs(groups.links.filter(pl.col("unit_a").is_in(units.implode())))
    place = {unit: index for index, unit in enumerate(units)}
    ends = [[place[unit] for unit in ties[column]] for column in ("unit_a", "unit_b")]
    # The spanning tree of smallest 1 / count is that of the largest counts.
    graph = coo_array((1 / ties["count"].to_numpy(), (ends[0], ends[1])), shape=(units.len(), units.len()))
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    edge = int(tree.data.argmax())
    found = sorted((units[int(tree.row[edge])], units[int(tree.col[edge])]))
    return ties.row(by_predicate=(pl.col("unit_a") == found[0]) & (pl.col("unit_b") == found[1]), named=True)


def link_sentence(link: dict[str, object]) -> str:
    """Return what ``weakest_link`` found as half a sentence."""
    unit_a, unit_b = said(str(link["unit_a"])), said(str(link["unit_b"]))
    pictures = link["pictures"]
    assert isinstance(pictures, list)
    return f"{unit_a} and {unit_b} ({counted(len(pictures), 'identical picture')}: {pictures[0]})"


def _missing(name: str, of_class: pl.DataFrame, absent: list[str], classes: Classes) -> str:
    title = f"The class {name!r}" if classes.title(name) == name else f"The class {name!r} ({classes.title(name)})"
    if not of_class.height:
        return f"{title} has no cell: nothing can be learnt or said of it."
    patients = of_class.filter(~pl.col("unit").str.starts_with("cell:"))["unit"].n_unique()
    whose = f" of {counted(patients, 'patient')}" if patients else ""
    present = " and ".join(part for part in PARTS if part not in absent)
    means = " and ".join(meaning for part, meaning in MISSING_MEANS.items() if part in absent)
    return f"{title}, {counted(of_class.height, 'cell')}{whose}, is in {present} only: it {means}."


def _chains(of_class: pl.DataFrame) -> list[str]:
    several = of_class.group_by("group").agg(units=pl.col("unit").n_unique()).filter(pl.col("units") > 1)
    return several.sort("group")["group"].to_list()


def _swallowed(name: str, group: str, of_class: pl.DataFrame, groups: LinkedGroups) -> str:
    inside = of_class.filter(pl.col("group") == group)
    return (
        f"A chain of links holds {counted(inside.height, 'cell')} of the {of_class.height:,} of the class {name!r} "
        f"together ({group}); its weakest link: {link_sentence(weakest_link(group, groups))}."
    )
