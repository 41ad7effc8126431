"""Leave one patient out: each patient, with all that is linked to it, is the test part once."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.eligible import eligible, kept_together, with_validation
from leukoscope.cohort.splits.numbered import one_of
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.splits.training_only import drawn_along
from leukoscope.errors import DataError, SettingsError, counted, nearest
from leukoscope.randomness import integer


def leave_one_out(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    patient: str | None = None,
    fold: int = 0,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Split:
    """Leave out one patient for the test; train and validation are drawn from the others.

    What is left out is the whole linked group: the patient and whoever is linked to it. A patient rarely has cells of
    every class, so the scores of one such split say little: pool the predictions of all of them. Cells that name no
    patient are never left out, nor are those for training only and whatever is linked to them.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: ``patient``; there is nothing else to leave out.
        patient: The patient to leave out.
        fold: Which linked group to leave out, from 0 in the order of their names, where no patient is named.
        validation: Share of the remaining cells for validation, above 0 and below 1.
        stratify: As in ``holdout``, for the draw of validation.
        seed: The seed of that draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        SettingsError: there is no such patient or fold, or ``by`` is ``cell``.
        DataError: no patients are known, or no cell has a label.
    """
    cells, left_out, warnings = _cells(cohort, groups, by, stratify)
    number = one_of("fold", fold, "linked groups", len(left_out))
    if patient is not None:
        number = _number_of(patient, cells, left_out)
    return _without(cells, cohort, left_out, number, validation=validation, seed=seed, warnings=warnings)


def every_one_left_out(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Iterator[Split]:
    """Yield a split for every patient (linked group); the arguments are those of ``leave_one_out``."""
    cells, left_out, warnings = _cells(cohort, groups, by, stratify)
    for number in range(len(left_out)):
        yield _without(cells, cohort, left_out, number, validation=validation, seed=seed, warnings=warnings)


def _cells(
    cohort: Cohort, groups: LinkedGroups, by: str, stratify: str | None
) -> tuple[pl.DataFrame, list[str], tuple[str, ...]]:
    """Return the cells, the keys that are left out one by one, and what must be said."""
    if kept_together(cohort, by) != by:
        raise DataError("No patients are known in this data set, so none can be left out.", where=cohort.name)
    if by != "patient":
        raise SettingsError("Only patients can be left out one by one.", where="split.by", do="--set by=patient")
    cells = eligible(cohort, groups, by, stratify)
    left_out = cells.filter(pl.col("patient").is_not_null() & ~pl.col("held"))["key"].unique().sort().to_list()
    if not left_out:
        raise DataError("Every patient is for training only, so none can be left out.", where=cohort.name)
    never = cells.filter(~pl.col("held") & ~pl.col("key").is_in(left_out)).height
    said = (f"{counted(never, 'cell')} of no known patient are never left out.",) if never else ()
    return cells, left_out, (*drawn_along(cells), *said)


def _number_of(patient: str, cells: pl.DataFrame, left_out: list[str]) -> int:
    known = cells.filter(pl.col("key").is_in(left_out)).drop_nulls("patient")
    key = known.filter(pl.col("patient") == patient)["key"]
    if not key.len():
        do = nearest(patient, known["patient"].unique())
        raise SettingsError(f"There is no patient {patient!r} to leave out.", where="split.patient", do=do)
    return left_out.index(key[0])


def _without(
    cells: pl.DataFrame,
    cohort: Cohort,
    left_out: list[str],
    number: int,
    *,
    validation: float,
    seed: int,
    warnings: tuple[str, ...],
) -> Split:
    part = pl.when(pl.col("key") == left_out[number]).then(pl.lit("test")).otherwise(pl.lit("train"))
    own = integer(seed, "left out", left_out[number])
    placed, _ = with_validation(cells.with_columns(part=part), cohort, validation=validation, seed=own)
    table = placed.select("id", "group", "part")
    return Split(table, "leave_one_out", "patient", seed, warnings=warnings, number=number, of=len(left_out))
