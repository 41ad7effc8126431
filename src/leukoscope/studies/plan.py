"""The plan of a study: a recipe, times seeds, times the values of some settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.studies.naming import folder_names, short_names, variant_words

SplitSeed = Literal["run", "fixed"]
RECIPE = "recipe"
"""The name in a grid whose values are recipes themselves: their names or files."""
SEED = "seed"


@dataclass(frozen=True)
class Planned:
    """One run of a study.

    Args:
        name: The name of its folder: ``aggregator=max-seed3``.
        variant: What it shares with the runs of other seeds, in words.
        recipe: Its recipe, seed and split included.
        seed: Its seed.
        changes: The settings that make the variant, by dotted name.
    """

    name: str
    variant: str
    recipe: Recipe
    seed: int
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """All runs of a study.

    Args:
        recipe: The recipe that they vary.
        seeds: Their seeds.
        grid: The values of each setting that varies, by dotted name.
        split_seed: ``run``: the seed moves the split; ``fixed``: all runs are scored on the same test part.
        runs: The runs, seed by seed, so that a study that is stopped has something of every variant.
    """

    recipe: Recipe
    seeds: tuple[int, ...]
    grid: Mapping[str, tuple[Any, ...]]
    split_seed: SplitSeed
    runs: tuple[Planned, ...]

    @property
    def variants(self) -> dict[str, Planned]:
        """The first run of each variant, by the variant's words, in their order."""
        first: dict[str, Planned] = {}
        for run in self.runs:
            first.setdefault(run.variant, run)
        return first


def plan(
    recipe: str | Path | Recipe,
    seeds: int | Sequence[int] = 5,
    grid: Mapping[str, Sequence[Any]] | None = None,
    *,
    changes: Iterable[str] | Mapping[str, Any] = (),
    split_seed: SplitSeed = "run",
) -> Plan:
    """Plan a study: every combination of the grid's values, with every seed.

    Everything is checked here, so that a wrong value of the last run is told before the first one begins.

    Args:
        recipe: A recipe's name, YAML file, or a recipe.
        seeds: How many (the recipe's own and those that follow it), or which.
        grid: Values by dotted name: ``{"bag.aggregator": ["mean", {"top_k": {"k": 10}}]}``. The name ``recipe`` stands
            for the recipe itself.
        changes: Settings to change in all runs, as in ``load_recipe``.
        split_seed: Whether the seed moves the split (``run``), or all runs have the split of the recipe's own seed
            (``fixed``). Of repeated halves the seed is the number of the draw. A split whose seed the recipe or the
            grid states stays where it is.

    Raises:
        SettingsError: an unknown setting, a wrong value, a value or a seed that is there twice, or no seed at all.

    Example:
        >>> [run.name for run in plan("drawn", 2, {"model.dropout": [0.0, 0.5]}).runs]
        ['dropout=0.0-seed0', 'dropout=0.5-seed0', 'dropout=0.0-seed1', 'dropout=0.5-seed1']
    """
    changes = dict(changes) if isinstance(changes, Mapping) else list(changes)
    values = {name: tuple(several) for name, several in (grid or {}).items()}
    base = load_recipe(recipe, changes)
    numbers = _seeds(seeds, base.seed)
    _refuse_grid(values)
    _refuse_other(split_seed)
    short = short_names(list(values))
    combined = [dict(zip(values, several, strict=True)) for several in itertools.product(*values.values())]
    words = [variant_words(combination, short) for combination in combined]
    runs = [
        (title or base.name, seed, combination, f"{title}-seed{seed}" if title else f"seed{seed}")
        for seed in numbers
        for combination, title in zip(combined, words, strict=True)
    ]
    names = folder_names(title for *_, title in runs)
    planned = tuple(
        Planned(name, variant, _recipe(recipe, changes, combination, seed, split_seed), seed, combination)
        for name, (variant, seed, combination, _) in zip(names, runs, strict=True)
    )
    return Plan(base, numbers, values, split_seed, planned)


def _recipe(
    recipe: str | Path | Recipe,
    changes: Iterable[str] | Mapping[str, Any],
    combination: Mapping[str, Any],
    seed: int,
    split_seed: SplitSeed,
) -> Recipe:
    base = load_recipe(combination.get(RECIPE, recipe), changes)
    own = {name: value for name, value in combination.items() if name != RECIPE}
    varied = load_recipe(base, own)
    moved = {name: value for name, value in _split(varied, seed, split_seed).items() if name not in own}
    return load_recipe(varied, {**moved, SEED: seed})


def _split(recipe: Recipe, seed: int, split_seed: SplitSeed) -> dict[str, Any]:
    """Return what a seed does to the split: the settings to change."""
    split = recipe.split
    own = recipe.seed if split.seed is None else split.seed
    if split_seed == "fixed":
        return {"split.seed": own}
    if split.kind == "repeated":
        return {"split.seed": own, "split.repeat": seed, "split.repeats": max(split.repeats, seed + 1)}
    return {}


def _seeds(seeds: int | Sequence[int], first: int) -> tuple[int, ...]:
    numbers = tuple(range(first, first + seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not numbers or min(numbers) < 0:
        raise SettingsError(f"A study needs seeds of 0 or more; got {seeds!r}.", where="seeds", do="--seeds 5")
    twice = [number for number in numbers if numbers.count(number) > 1]
    if twice:
        raise SettingsError(f"The seed {twice[0]} is there more than once.", where="seeds", do="--seeds 0,1,2")
    return numbers


def _refuse_grid(grid: Mapping[str, tuple[Any, ...]]) -> None:
    if SEED in grid:
        raise SettingsError("Seeds are no part of the grid.", where=SEED, do="--seeds 0,1,2")
    for name, values in grid.items():
        if not values:
            raise SettingsError("A setting of the grid has no value.", where=name, do=f"--grid '{name}=a,b'")
        twice = [value for place, value in enumerate(values) if value in values[:place]]
        if twice:
            raise SettingsError(f"A value of the grid is there more than once: {twice[0]!r}.", where=name)


def _refuse_other(split_seed: str) -> None:
    if split_seed not in {"run", "fixed"}:
        raise SettingsError(
            f"The seed of the split is either of the run or fixed; got {split_seed!r}.", do="--split-seed run | fixed"
        )
