"""Stratified grouped k-fold: every cell is in the test part once, linked groups are kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.draw import draw_folds
from leukoscope.cohort.splits.eligible import eligible, kept_together, with_validation
from leukoscope.cohort.splits.numbered import one_of
from leukoscope.cohort.splits.scarce import scarce
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.splits.training_only import drawn_along
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.randomness import integer

FEWEST = 2
NO_INNER = "An inner fold is named, but there are no inner folds."
ASK_FOR_INNER = "Say how many there are: inner=4."


def folds(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    folds: int = 5,
    fold: int = 0,
    inner: int | None = None,
    inner_fold: int = 0,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Split:
    """Deal the cells into folds, of which one is the test part and the others are train and validation.

    The folds are stratified by the cells of each class and by the groups that hold it, and depend on the seed and the
    cells alone: every ``fold`` of one seed belongs to the same division.

    A class that stands in fewer linked groups than there are folds is in the test part of as many folds as it has
    groups, one group each; in the others it cannot be measured. A class of a single group cannot be learnt in the fold
    that tests it. A warning names such classes. Cells for training only are in train in every fold, with all that
    is linked to them.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: As in ``holdout``.
        folds: Number of folds, two or more.
        fold: The one that is the test part, from 0.
        inner: Nested: the other folds' cells are dealt again, into so many inner folds, and validation is one of these.
            None draws a share for validation instead.
        inner_fold: Which inner fold is validation, from 0.
        validation: Share of the other folds' cells for validation, where there are no inner folds.
        stratify: As in ``holdout``.
        seed: The seed of the draws.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that. Its number is the fold's; nested, it is
        ``fold * inner + inner_fold``.

    Raises:
        SettingsError: there is no such fold, or an inner fold is named and there are none; see ``holdout``.
        DataError: there are fewer linked groups than folds, or no cell has a label.
    """
    one_of("fold", fold, "folds", folds, least=FEWEST)
    if inner is not None:
        one_of("inner_fold", inner_fold, "inner", inner, least=FEWEST)
    elif inner_fold:
        raise SettingsError(NO_INNER, where="split.inner_fold", do=ASK_FOR_INNER)
    dealt = _Dealt.of(cohort, groups, by=by, folds=folds, inner=inner, stratify=stratify, seed=seed)
    return dealt.split(fold, dealt.developed(fold, validation), inner_fold)


def every_fold(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    folds: int = 5,
    inner: int | None = None,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int,
) -> Iterator[Split]:
    """Yield the split of every fold (nested: of every inner fold); the arguments are those of ``folds``."""
    one_of("fold", 0, "folds", folds, least=FEWEST)
    if inner is not None:
        one_of("inner_fold", 0, "inner", inner, least=FEWEST)
    dealt = _Dealt.of(cohort, groups, by=by, folds=folds, inner=inner, stratify=stratify, seed=seed)
    for fold in range(folds):
        developed = dealt.developed(fold, validation)
        for inner_fold in range(inner or 1):
            yield dealt.split(fold, developed, inner_fold)


@dataclass(frozen=True)
class _Dealt:
    """Cells with their ``fold``, null for those that are only ever trained on."""

    cells: pl.DataFrame
    cohort: Cohort
    by: str
    folds: int
    inner: int | None
    seed: int
    warnings: tuple[str, ...]

    @classmethod
    def of(
        cls,
        cohort: Cohort,
        groups: LinkedGroups,
        *,
        by: str,
        folds: int,
        inner: int | None,
        stratify: str | None,
        seed: int,
    ) -> _Dealt:
        by = kept_together(cohort, by)
        cells = eligible(cohort, groups, by, stratify)
        along = drawn_along(cells)
        cells = _into_folds(cells, cohort.classes, folds, seed, "fold")
        warnings = (*along, *scarce(cells, cohort.classes, folds))
        return cls(cells, cohort, by, folds, inner, seed, warnings)

    def developed(self, fold: int, validation: float) -> pl.DataFrame:
        """Return the cells with ``part``, without validation where that is an inner fold: then with ``inner``."""
        part = pl.when(pl.col("fold") == fold).then(pl.lit("test")).otherwise(pl.lit("train"))
        cells = self.cells.with_columns(part=part)
        seed = integer(self.seed, "fold", fold)
        if self.inner is None:
            return with_validation(cells, self.cohort, validation=validation, seed=seed)[0]
        rest = _into_folds(cells.filter(pl.col("part") == "train"), self.cohort.classes, self.inner, seed, "inner")
        return cells.join(rest.select("id", "inner"), on="id", how="left", maintain_order="left")

    def split(self, fold: int, developed: pl.DataFrame, inner_fold: int) -> Split:
        """Return the split of a fold."""
        number, of = fold, self.folds
        if self.inner is not None:
            number, of = fold * self.inner + inner_fold, self.folds * self.inner
            chosen = pl.when(pl.col("inner") == inner_fold).then(pl.lit("validation")).otherwise("part")
            developed = developed.with_columns(part=chosen)
        table = developed.select("id", "group", "part")
        return Split(table, "folds", self.by, self.seed, warnings=self.warnings, number=number, of=of)


def _into_folds(cells: pl.DataFrame, classes: Classes, number: int, seed: int, name: str) -> pl.DataFrame:
    """Return the cells with their fold in the column ``name``; null for those that are for training only."""
    drawn = cells.filter(~pl.col("held"))
    there = drawn["key"].n_unique()
    if there < number:
        noun = "folds" if name == "fold" else "inner folds"
        what = f"There are only {counted(there, 'linked group')} for {number} {noun}: some would stay empty."
        raise DataError(what, do=f"Ask for fewer {noun}.")
    dealt = draw_folds(drawn, classes.names, number, seed=seed).rename({"fold": name})
    return cells.join(dealt, on="key", how="left", maintain_order="left")
