"""What no plan of a study may hold: told before its first run begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from leukoscope.errors import SettingsError, nearest
from leukoscope.recipes.schema import AnyRecipe, Recipe
from leukoscope.studies.scoped import MARK, setting_of

SEED = "seed"
UNCHOOSABLE = (SEED, "recipe", "name", "about", "task", "drawn", "split", "best_epoch")
"""What moves the patients of the validation part, or how it is judged there: nothing could be compared."""
Values = Mapping[str, tuple[Any, ...]]


class Asked(Protocol):
    """What a plan was asked for, as far as it is needed here."""

    @property
    def grid(self) -> Values:
        """The values of each setting that varies."""

    @property
    def split_seed(self) -> str:
        """Whether the seed moves the split."""

    @property
    def rescore(self) -> Values:
        """The settings that weights are scored with besides."""

    @property
    def choose(self) -> Values:
        """The values that are tried on the first seed."""


def seeds_of(seeds: int | Sequence[int], first: int) -> tuple[int, ...]:
    """Return the seeds of a study.

    Args:
        seeds: How many, or which.
        first: The first where only their number is said.

    Raises:
        SettingsError: there is none, one is negative, or one is there twice.
    """
    numbers = tuple(range(first, first + seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not numbers or min(numbers) < 0:
        raise SettingsError(f"A study needs seeds of 0 or more; got {seeds!r}.", where="seeds", do="--seeds 5")
    twice = [number for number in numbers if numbers.count(number) > 1]
    if twice:
        raise SettingsError(f"The seed {twice[0]} is there more than once.", where="seeds", do="--seeds 0,1,2")
    return numbers


def refuse_wrong_plan(asked: Asked, recipes: Sequence[str]) -> None:
    """Refuse values that cannot vary, be scored again or be chosen.

    Args:
        asked: What the plan was asked for.
        recipes: The recipes of the study, as the grid has them.

    Raises:
        SettingsError: what is wrong, and where.
    """
    _refuse_grid(asked.grid)
    _refuse_values(asked.rescore, recipes, "--rescore")
    _refuse_values(asked.choose, recipes, "--choose")
    _refuse_unchoosable(asked.choose)
    _refuse_twice(asked)
    if asked.split_seed not in {"run", "fixed"}:
        what = f"The seed of the split is either of the run or fixed; got {asked.split_seed!r}."
        raise SettingsError(what, do="--split-seed run | fixed")


def refuse_the_same(again: Recipe, trained: Recipe, changes: Mapping[str, Any]) -> None:
    """Refuse to score weights again just as they were scored.

    Args:
        again: The recipe with the changes.
        trained: The recipe of the run whose weights they are.
        changes: The changes.

    Raises:
        SettingsError: the two recipes are one.
    """
    if again == trained:
        said = ", ".join(f"{name}={value}" for name, value in changes.items())
        what = f"The recipe {trained.name!r} has {said} itself: there is nothing to score otherwise."
        raise SettingsError(what, where="rescore", do=f"--rescore RECIPE:{said} is for the runs of one recipe alone.")


def of_one_model(recipe: AnyRecipe, way: str) -> Recipe:
    """Return a recipe that is of one model, as whatever is scored again or chosen must be.

    Args:
        recipe: The recipe.
        way: ``rescore`` or ``choose``, for the message.

    Raises:
        SettingsError: it is of several models.
    """
    if isinstance(recipe, Recipe):
        return recipe
    what = f"{recipe.name!r} is a recipe of several models: their settings can be varied, but not with --{way}."
    raise SettingsError(what, where=way, do="Put the values into the grid (--grid), or name one of its members.")


def refuse_without_epochs(trials: Iterable[Recipe]) -> None:
    """Refuse to choose by the best epoch where there are no epochs.

    Args:
        trials: The recipes that would be tried.

    Raises:
        SettingsError: one is fitted at once.
    """
    for recipe in trials:
        if not recipe.stages:
            what = f"The recipe {recipe.name!r} has no epochs, so nothing can be chosen by its best one."
            raise SettingsError(what, where="choose", do="Put the values into the grid: --grid.")


def _refuse_grid(grid: Values) -> None:
    if SEED in grid:
        raise SettingsError("Seeds are no part of the grid.", where=SEED, do="--seeds 0,1,2")
    for name, values in grid.items():
        if not values:
            raise SettingsError("A setting of the grid has no value.", where=name, do=f"--grid '{name}=a,b'")
        twice = _twice(values)
        if twice:
            raise SettingsError(f"A value of the grid is there more than once: {twice[0]!r}.", where=name)


def _refuse_values(values: Values, recipes: Sequence[str], option: str) -> None:
    for name, several in values.items():
        scope = name.rpartition(MARK)[0]
        if scope and scope not in recipes:
            raise SettingsError(f"This study has no recipe {scope!r}.", where=name, do=nearest(scope, recipes))
        if not several:
            raise SettingsError("A setting has no value.", where=name, do=f"{option} '{name}=a,b'")
        twice = _twice(several)
        if twice:
            raise SettingsError(f"A value is there more than once: {twice[0]!r}.", where=name)


def _refuse_unchoosable(choose: Values) -> None:
    for name in map(setting_of, choose):
        if name.partition(".")[0] in UNCHOOSABLE:
            what = f"{name!r} cannot be chosen: its values cannot be compared on one validation part."
            raise SettingsError(what, where=name, do="Put the values into the grid: --grid.")


def _refuse_twice(asked: Asked) -> None:
    """Refuse a setting that is to vary in two ways."""
    ways = {"in the grid": asked.grid, "to be chosen": asked.choose, "to be rescored": asked.rescore}
    seen: dict[str, str] = {}
    for way, values in ways.items():
        for name in {setting_of(name) for name in values}:
            if name in seen:
                what = f"This setting is {seen[name]}, and {way}."
                raise SettingsError(what, where=name, do="Leave one of them out.")
            seen[name] = way


def _twice(values: Sequence[Any]) -> list[Any]:
    return [value for place, value in enumerate(values) if value in values[:place]]
