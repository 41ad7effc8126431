"""Cross-validation as a study: each fold of one division is the test part of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from leukoscope.cohort.splits import settings_of
from leukoscope.errors import SettingsError
from leukoscope.recipes.schema import AnyRecipe, SplitSettings

KIND = "folds"
OWN = frozenset({"seed", "on_twins"}) | (set(settings_of(KIND)) - {"folds", "fold"})
"""The settings of a split that count with folds and are the recipe's: what stays together, shares, strata."""
FEWEST = 2


class Run(Protocol):
    """A run of a plan, as far as it is needed here."""

    @property
    def recipe(self) -> AnyRecipe:
        """Its recipe."""

    @property
    def seed(self) -> int:
        """Its seed."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """The settings that make its variant."""


class Asked(Protocol):
    """What a plan was asked for, as far as it is needed here."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds."""

    @property
    def folds(self) -> int | None:
        """How many folds; None for none."""


def as_fold(recipe: AnyRecipe, folds: int, fold: int) -> AnyRecipe:
    """Return a recipe on one fold, whatever kind of split it has.

    Args:
        recipe: The recipe; what stays together, validation, strata and seed of its split are kept.
        folds: How many folds there are.
        fold: Which of them is the test part, from 0.
    """
    kept = {name: getattr(recipe.split, name) for name in OWN}
    return recipe.model_copy(update={"split": SplitSettings(kind=KIND, folds=folds, fold=fold, **kept)})


def refuse_wrong_folds(folds: int | None, grid: Mapping[str, Any], choose: Mapping[str, Any]) -> None:
    """Refuse folds that cannot be, and what cannot stand beside them.

    Args:
        folds: How many folds; None for none.
        grid: The values of each setting that varies.
        choose: The values that are to be chosen.

    Raises:
        SettingsError: fewer than two folds; a setting of the grid that moves the folds, or that they do not have; or
            something to be chosen.
    """
    if folds is None:
        return
    if folds < FEWEST:
        raise SettingsError(f"Cross-validation needs two folds or more; got {folds}.", where="folds", do="--folds 5")
    taken = {f"split.{name}" for name in OWN}
    for name in grid:
        if name.partition(".")[0] == "split" and name not in taken:
            what = f"The folds are the runs of every variant, so {name!r} cannot vary beside them."
            raise SettingsError(what, where=name, do="Leave it out of the grid, or leave out --folds.")
    if choose:
        what = "Nothing can be chosen in a study of folds: what validates in one fold is tested in the others."
        do = "Put the values into the grid (--grid), or choose in a study without --folds."
        raise SettingsError(what, where="choose", do=do)


def refuse_one_fold_of_several_divisions(asked: Asked, runs: Sequence[Run]) -> None:
    """Refuse one and the same fold of another division with each seed, which looks like cross-validation and is none.

    Args:
        asked: What the plan was asked for.
        runs: Its runs.

    Raises:
        SettingsError: a run has folds for its split, no one said which folds are wanted, and the seed moves them.
    """
    if asked.folds is not None or len(asked.seeds) == 1:
        return
    for run in runs:
        split = run.recipe.split
        if split.kind == KIND and split.seed is None and "split.fold" not in run.changes:
            said = f"Every seed would deal the cells anew and test fold {split.fold} alone"
            what = f"{said}: {len(asked.seeds)} runs are no cross-validation."
            do = f"--folds {split.folds} tests all folds of one division; --split-seed fixed keeps to one fold."
            raise SettingsError(what, where="split.kind", do=do)
