"""The check that every split passes before anything trains: no group on two sides, and a statement that proves it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.leaks import Leaks, find_leaks
from leukoscope.cohort.splits.limits import missing_classes, pooled_only, unknown_patients
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.cohort.splits.training_only import training_only
from leukoscope.errors import DataError, SettingsError, counted

TOLD_APART = 2
NOT_NEEDED = "A leak was allowed by --allow-leakage, but the split has none: nothing is marked."


def check_split(split: Split, cohort: Cohort, groups: LinkedGroups, *, allow_leakage: str | None = None) -> Split:
    """Prove that a split keeps together what belongs together, or refuse it.

    Args:
        split: The split.
        cohort: The cohort that was split.
        groups: Its linked groups: those that must not be parted, whatever the split was drawn by.
        allow_leakage: Why a leak must be allowed; what is then made with the split carries the reason for good. It
            marks nothing where there is no leak.

    Returns:
        The split with ``statement``, ``warnings`` and, where a leak was allowed, ``leakage`` filled in. The ``group``
        of its table is that of ``groups``: whatever the split was drawn by, scores are resampled by what truly belongs
        together.

    Raises:
        LeakageError: a patient, a linked group or a picture is on two sides, and no reason was given.
        DataError: a cell of the split is unknown, excluded or without label, or for training only and not in train; a
            part is empty or holds fewer than two classes. The test part of one split of several may hold one class:
            then a warning says that predictions must be pooled.
        SettingsError: the reason is empty.
    """
    if allow_leakage is not None and not allow_leakage.strip():
        raise SettingsError("A leak can only be allowed with a reason.", do='--allow-leakage "why it must be"')
    cells = _cells(split, cohort, groups)
    _refuse_measured_on_training_only(cells)
    leaks = find_leaks(split, groups)
    if leaks and allow_leakage is None:
        raise leaks.error()
    _refuse_few_classes(cells, cohort.classes, split)
    warnings = [
        *split.warnings,
        *unknown_patients(cells),
        *missing_classes(cells, split, cohort, groups),
        *pooled_only(cells, split, cohort.classes),
    ]
    if allow_leakage is not None and not leaks:
        warnings.append(NOT_NEEDED)
    return replace(
        split,
        table=cells.select("id", "group", "part"),
        leakage=allow_leakage.strip() if leaks and allow_leakage else None,
        statement=_statement(cells, leaks),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _cells(split: Split, cohort: Cohort, groups: LinkedGroups) -> pl.DataFrame:
    """Return the split's cells with ``part``, ``label``, ``patient``, ``training_only``, ``unit`` and ``group``."""
    wanted = split.table.select("id", "part")
    known = known_labels(cohort)
    known = known.select("id", "label", "patient", training_only(known))
    cells = wanted.join(known, on="id", maintain_order="left")
    cells = cells.join(groups.table, on="id", maintain_order="left")
    if cells.height < wanted.height:
        wrong = wanted.join(cells, on="id", how="anti")["id"]
        raise DataError(
            "The split holds a cell that cannot be used: it is unknown, excluded or without label.",
            where=f"id {wrong[0]}",
            more=wrong.len() - 1,
        )
    return cells


def _refuse_measured_on_training_only(cells: pl.DataFrame) -> None:
    wrong = cells.filter(pl.col("training_only") & (pl.col("part") != "train"))
    if wrong.height:
        raise DataError(
            f"The part {wrong['part'][0]!r} holds a cell that is for training only.",
            where=f"id {wrong['id'][0]}",
            more=wrong.height - 1,
            do="Put it in train, or leave it out.",
        )


def _refuse_few_classes(cells: pl.DataFrame, classes: Classes, split: Split) -> None:
    for part in PARTS:
        found = cells.filter(pl.col("part") == part)["label"].unique().sort().to_list()
        if not found:
            raise DataError(
                f"The part {part!r} is empty.",
                do="More patients are needed (or cells, where no patients are known), or other shares or places.",
            )
        pooled = part == "test" and split.of is not None
        if len(found) < TOLD_APART and not pooled:
            held = cells.filter(pl.col("label") != found[0])["group"].n_unique()
            raise DataError(
                f"The part {part!r} holds cells of the class {classes.title(found[0])!r} only; two are needed to tell "
                f"them apart. Cells of other classes stand in {counted(held, 'linked group')}.",
                do="More patients of the other classes are needed, or other shares or places.",
            )


def _statement(cells: pl.DataFrame, leaks: Leaks) -> str:
    parts = [f"{_whom(cells.filter(pl.col('part') == part))} in {part}" for part in PARTS]
    return f"{' | '.join(parts)}, {leaks.shared.height:,} shared, {leaks.linked.height:,} linked"


def _whom(cells: pl.DataFrame) -> str:
    patients = cells["patient"].drop_nulls().n_unique()
    alone = cells["patient"].null_count()
    counts = [counted(patients, "patient")] if patients else []
    counts += (
        [counted(alone, "cell without patient" if patients else "cell", "cells without patient" if patients else None)]
        if alone
        else []
    )
    return " and ".join(counts)
