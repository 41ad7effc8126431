"""Bagging with variation: the largest class divided among several models, each of which sees the rest changed.

Liu & Long, "Acute lymphoblastic leukemia cells image analysis with deep bagging ensemble learning", 2019 (bioRxiv
580852): two models, A and B, each of which sees one half of the malignant cells as it is, the other as changed copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.pictures.augmentation import Augmentation, parse_augmentation
from leukoscope.pictures.augmentation.fill import FillWith
from leukoscope.pictures.batches import CellData, Integers
from leukoscope.pictures.copies import Copies
from leukoscope.randomness import integer
from leukoscope.recipes.schema import BaggingSettings
from leukoscope.training.repetitions import again, drawn_order, named

BAGGING = "bagging_variation"
COPIES = "balance.bagging.copies"
TABLE = {
    "class": pl.String,
    "part": pl.Int64,
    "groups": pl.Int64,
    "cells": pl.Int64,
    "whole": pl.Int64,
    "copies": pl.Int64,
}


def bagged(data: CellData, settings: BaggingSettings, seed: int) -> CellData:
    """Return what one of several models learns from: as many cells of each class as the largest has.

    The largest class (of equals the first) is divided into parts, by linked groups or by cells (``bagging_parts``). The
    cells of the model's own part are seen as they are, those of all other parts as one changed copy each. Of every
    other class, of however many, all cells are seen as they are, and as changed copies besides until there are enough:
    each as often as any other of its class, or once more. So the models together see each cell as it is, and every one
    sees each cell in some form.

    All parts are of the training part: whichever way they are divided, by cells too, nothing of the validation or the
    test part comes in. Cells of one patient in two parts make the models more alike; they make no score too good.

    Copies have random changes of their own in place of the recipe's augmentation, other ones for each model; they are
    drawn from the seed, the model's ``part`` and the copy's id, and with ``redrawn`` from the epoch too.

    Args:
        data: The training part's cells, labelled, with ``groups`` where they are divided by patient.
        settings: The parts and the copies.
        seed: The run's; models that belong together have one seed, and so the same parts.

    Returns:
        Cells of the same store, first those that are seen as they are, in the order of ``data``; copies are named
        ``c7 changed``, ``c7 changed again 1``.

    Raises:
        SettingsError: the class has fewer patients (or cells) than there are parts, or there is no such change.
        DataError: the parts are by patient and nothing is known of patients, or a copy would have the name of another
            cell.
    """
    part = bagging_parts(data, settings, seed)
    whole = np.flatnonzero((part < 0) | (part == settings.part))
    others = np.flatnonzero((part >= 0) & (part != settings.part))
    index, suffixes = [whole, others], [""] * len(whole) + [_changed(0)] * len(others)
    for label in np.unique(data.labels[part < 0]):
        own = drawn_order(data, np.flatnonzero(data.labels == label), seed, BAGGING, settings.part)
        missing = int((part >= 0).sum()) - len(own)
        index.append(np.resize(own, missing))
        suffixes += [_changed(number // len(own)) for number in range(missing)]
    learnt = named(data, np.concatenate(index), suffixes)
    changed = np.arange(len(learnt)) >= len(whole)
    return replace(learnt, copies=Copies(changed, copy_changes(settings), settings.redrawn, settings.part))


def bagging_parts(data: CellData, settings: BaggingSettings, seed: int) -> Integers:
    """Return which part each cell of the largest class belongs to.

    One part is the whole class. By cell, the parts are drawn and of equal size (one more at most). By patient, linked
    groups stay together: the largest first (of equals one that is drawn), each goes to the part that has the fewest
    cells so far.

    Args:
        data: The training part's cells.
        settings: ``parts`` and ``by`` count here.
        seed: The run's; parts depend on it and on ids or the names of groups, not on the order of the cells.

    Returns:
        (n,) int64: 0 to below ``parts``; -1 for cells of other classes.

    Raises:
        SettingsError: the class has fewer patients (or cells) than there are parts.
        DataError: the parts are by patient and nothing is known of patients.
    """
    parts = np.full(len(data), -1, dtype=np.int64)
    own = np.flatnonzero(data.labels == np.bincount(data.labels).argmax())
    if settings.by == "cell" or settings.parts == 1:
        _refuse_too_few(len(own), "cell", settings)
        for number, cells in enumerate(np.array_split(drawn_order(data, own, seed, "parts"), settings.parts)):
            parts[cells] = number
        return parts
    if data.groups is None:
        what = "Which cells are of one patient is not known, so that no class can be divided by patient."
        raise DataError(what, where="balance.bagging.by", do="Set balance.bagging.by: cell.")
    names, group, sizes = np.unique([data.groups[place] for place in own], return_inverse=True, return_counts=True)
    _refuse_too_few(len(names), "linked group", settings)
    parts[own] = _dealt(names.tolist(), sizes, settings.parts, seed)[group]
    return parts


def copy_changes(settings: BaggingSettings) -> tuple[Augmentation, ...]:
    """Return the ways to change a copy: all changes together, or each by itself, with what fills corners beside it.

    Args:
        settings: ``copies`` and ``at_a_time`` count here.

    Raises:
        SettingsError: an unknown change, a wrong value, one twice, or none that changes anything.
    """
    every = parse_augmentation(settings.copies, COPIES)
    fills = tuple(step for step in every.steps if isinstance(step, FillWith))
    changing = [step for step in every.steps if not isinstance(step, FillWith)]
    if not changing:
        what = "A copy without any change is the cell itself, so that all models would see the same."
        raise SettingsError(what, where=COPIES, do="Name changes: [{flip: 0.5}, {rotate: 360}].")
    return (every,) if settings.at_a_time == "all" else tuple(Augmentation((step, *fills)) for step in changing)


def bagging_table(data: CellData, settings: BaggingSettings, seed: int, classes: Classes) -> pl.DataFrame:
    """Return what the model sees, class by class, of the divided class part by part.

    Args:
        data: The training part's cells, labelled.
        settings: The parts and the copies.
        seed: The run's.
        classes: The classes.

    Returns:
        A row a part of the divided class, and a row each other class: ``class``; ``part``, null where the class is not
        divided; ``groups``, its linked groups, null where nothing is known of them; ``cells``; ``whole``, of these that
        are seen as they are; ``copies``, changed copies of them.
    """
    part, learnt = bagging_parts(data, settings, seed), bagged(data, settings, seed)
    assert learnt.copies is not None, "bagging makes copies"
    copies = np.bincount(learnt.labels[learnt.copies.changed], minlength=len(classes))
    rows = []
    for place, name in enumerate(classes.names):
        of_class = data.labels == place
        for number in np.unique(part[of_class]).tolist():
            cells = np.flatnonzero(of_class & (part == number))
            divided, own = number >= 0, number in {-1, settings.part}
            added = copies[place] if not divided else 0 if own else len(cells)
            whole = len(cells) if own else 0
            rows.append((name, number if divided else None, _groups(data, cells), len(cells), whole, int(added)))
    return pl.DataFrame(rows, schema=TABLE, orient="row")


def _dealt(names: Sequence[str], sizes: npt.NDArray[np.intp], parts: int, seed: int) -> Integers:
    """Return the part of each group."""
    dealt, cells = np.zeros(len(names), dtype=np.int64), np.zeros(parts, dtype=np.int64)
    for place in sorted(range(len(names)), key=lambda place: (-sizes[place], integer(seed, "parts", names[place]))):
        dealt[place] = cells.argmin()
        cells[dealt[place]] += sizes[place]
    return dealt


def _groups(data: CellData, cells: Integers) -> int | None:
    return None if data.groups is None else len({data.groups[place] for place in cells})


def _changed(number: int) -> str:
    return " changed" + again(number)


def _refuse_too_few(found: int, what: str, settings: BaggingSettings) -> None:
    if found < settings.parts:
        has = counted(found, what) + (" of patients" if what != "cell" else "")
        do = ["divide it by cell: balance.bagging.by=cell"] if what != "cell" else ["take more cells"]
        fewer = [f"set balance.bagging.parts={found} or less"] if found > 1 else []
        advice = ", or ".join(fewer + do)
        raise SettingsError(
            f"The largest class has {has} in the training part, too few for {settings.parts} parts.",
            where="balance.bagging.parts",
            do=f"{advice[0].upper()}{advice[1:]}.",
        )
