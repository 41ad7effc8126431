"""The plan of a study: a recipe, times seeds, times the values of some settings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from leukoscope.recipes.loading import load_any, load_recipe
from leukoscope.recipes.schema import AnyRecipe
from leukoscope.runs.rescoring import rescored_recipe
from leukoscope.studies.folding import as_fold, refuse_one_fold_of_several_divisions, refuse_wrong_folds
from leukoscope.studies.naming import folder_names, short_names, variant_words
from leukoscope.studies.plan_faults import (
    SEED,
    of_one_model,
    refuse_the_same,
    refuse_without_epochs,
    refuse_wrong_plan,
    seeds_of,
)
from leukoscope.studies.scoped import combinations, setting_of

SplitSeed = Literal["run", "fixed"]
SEEDS, SEEDS_OF_FOLDS = 5, 1
"""How many seeds where nobody says, and where each is a run for every fold."""
RECIPE = "recipe"
"""The name in a grid whose values are recipes themselves: their names or files."""


@dataclass(frozen=True)
class Planned:
    """One run of a study.

    Args:
        name: The name of its folder: ``aggregator=max-seed3``, ``seed0-fold2``.
        variant: What it shares with the runs of other seeds and folds, in words.
        recipe: Its recipe, seed and split included.
        seed: Its seed.
        changes: The settings that make the variant, by dotted name.
        weights_of: The name of the run before it whose trained weights it scores otherwise; None where it trains.
        trials: Runs on the study's first seed that are trained to choose settings for its variant; the test part of
            those that are not chosen stays sealed. The recipe is without what they choose (``choosing.settle``).
        fold: The fold that is its test part, from 0; None where the study has no folds.
    """

    name: str
    variant: str
    recipe: AnyRecipe
    seed: int
    changes: Mapping[str, Any]
    weights_of: str | None = None
    trials: tuple[Planned, ...] = ()
    fold: int | None = None


@dataclass(frozen=True)
class Plan:
    """All runs of a study.

    Args:
        recipe: The recipe that they vary.
        seeds: Their seeds.
        grid: The values of each setting that varies, by dotted name.
        split_seed: ``run``: the seed moves the split; ``fixed``: all runs are scored on the same test part.
        runs: The runs, seed by seed, so that a study that is stopped has something of every variant.
        rescore: The test-time and threshold settings that each run's weights are scored with besides, as given.
        choose: The values that are tried on the first seed, as given.
        folds: Into how many folds the cells are dealt, each the test part of one run; None for no folds.
    """

    recipe: AnyRecipe
    seeds: tuple[int, ...]
    grid: Mapping[str, tuple[Any, ...]]
    split_seed: SplitSeed
    runs: tuple[Planned, ...]
    rescore: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    choose: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    folds: int | None = None

    @property
    def settings(self) -> list[str]:
        """The names of all settings that vary, those of the grid first."""
        return list(dict.fromkeys([*self.grid, *map(setting_of, self.choose), *map(setting_of, self.rescore)]))

    @property
    def trials(self) -> dict[str, tuple[Planned, ...]]:
        """The runs that choose settings for a variant, by the variant's words."""
        return {run.variant: run.trials for run in self.runs if run.trials}

    @property
    def variants(self) -> dict[str, Planned]:
        """The first run of each variant, by the variant's words, in their order."""
        first: dict[str, Planned] = {}
        for run in self.runs:
            first.setdefault(run.variant, run)
        return first


def plan(
    recipe: str | Path | AnyRecipe,
    seeds: int | Sequence[int] | None = None,
    grid: Mapping[str, Sequence[Any]] | None = None,
    *,
    changes: Iterable[str] | Mapping[str, Any] = (),
    split_seed: SplitSeed = "run",
    rescore: Mapping[str, Sequence[Any]] | None = None,
    choose: Mapping[str, Sequence[Any]] | None = None,
    folds: int | None = None,
) -> Plan:
    """Plan a study: every combination of the grid's values, with every seed and every fold.

    Everything is checked here, so that a wrong value of the last run is told before the first one begins.

    Args:
        recipe: A recipe's name, YAML file, or a recipe; of one model or of several.
        seeds: How many (the recipe's own and those that follow it), or which; five where not given, one with folds.
        grid: Values by dotted name: ``{"bag.aggregator": ["mean", {"top_k": {"k": 10}}]}``. The name ``recipe`` stands
            for the recipe itself.
        changes: Settings to change in all runs, as in ``load_recipe``.
        split_seed: Whether the seed moves the split (``run``), or all runs have the split of the recipe's own seed
            (``fixed``). Of repeated halves the seed is the number of the draw. A split whose seed the recipe or the
            grid states stays where it is.
        rescore: Values of test-time or threshold settings: beside each run stands one with the same trained weights
            for every combination. ``{"quick:test_time.rotations": [1]}`` does so for the runs of one recipe alone.
        choose: Values that are tried on the first seed, in every combination; all seeds have the best on validation,
            by the recipe's ``best_epoch.metric``. For one recipe alone as in ``rescore``.
        folds: Cross-validation: the cells are dealt into so many folds, two or more, and each is the test part of one
            run, whatever kind of split the recipe has. All folds of a seed are of one division; another seed deals
            anew, unless the seed of the split is fixed or stated.

    Raises:
        SettingsError: an unknown setting, a wrong value, a value or a seed that is there twice, no seed at all, folds
            that cannot be, or one fold of another division with each seed, which is no cross-validation.

    Example:
        >>> [run.name for run in plan("drawn", 2, {"model.dropout": [0.0, 0.5]}).runs]
        ['dropout=0.0-seed0', 'dropout=0.5-seed0', 'dropout=0.0-seed1', 'dropout=0.5-seed1']
        >>> [run.name for run in plan("drawn", 2, rescore={"test_time.rotations": [4]}).runs]
        ['seed0', 'rotations=4-seed0', 'seed1', 'rotations=4-seed1']
        >>> [run.name for run in plan("drawn", folds=3).runs]
        ['seed0-fold0', 'seed0-fold1', 'seed0-fold2']
    """
    changes = dict(changes) if isinstance(changes, Mapping) else list(changes)
    base = load_any(recipe, changes)
    usual = SEEDS if folds is None else SEEDS_OF_FOLDS
    numbers = seeds_of(usual if seeds is None else seeds, base.seed)
    asked = Plan(base, numbers, _values(grid), split_seed, (), _values(rescore), _values(choose), folds)
    refuse_wrong_plan(asked, [str(name) for name in asked.grid.get(RECIPE, (base.name,))])
    refuse_wrong_folds(folds, asked.grid, asked.choose)

    def make(combination: Mapping[str, Any], seed: int, fold: int | None) -> AnyRecipe:
        return _recipe(asked, _Turn(recipe, changes, combination, seed, fold))

    runs = _with_trials(asked, _named(_drafts(asked, make)))
    refuse_one_fold_of_several_divisions(asked, runs)
    return replace(asked, runs=runs)


@dataclass(frozen=True)
class _Turn:
    """What one run is made of."""

    recipe: str | Path | AnyRecipe
    changes: Iterable[str] | Mapping[str, Any]
    combination: Mapping[str, Any]
    seed: int
    fold: int | None


def _drafts(asked: Plan, make: Callable[[Mapping[str, Any], int, int | None], AnyRecipe]) -> list[Planned]:
    """Return the runs, seed by seed and fold by fold, each named by a title that may not do as a folder's name yet."""
    short = short_names(asked.settings)
    drafts = []
    folds = [None] if asked.folds is None else list(range(asked.folds))
    for seed, fold, several in itertools.product(asked.seeds, folds, itertools.product(*asked.grid.values())):
        combination = dict(zip(asked.grid, several, strict=True))
        trained = _draft(asked, short, make(combination, seed, fold), (seed, fold), combination)
        drafts.append(trained)
        for other in combinations(asked.rescore, _recipe_in(asked, combination)):
            one = of_one_model(trained.recipe, "rescore")
            again = rescored_recipe(one, other)
            refuse_the_same(again, one, other)
            draft = _draft(asked, short, again, (seed, fold), {**combination, **other})
            drafts.append(replace(draft, weights_of=trained.name))
    return drafts


def _draft(
    asked: Plan,
    short: Mapping[str, str],
    recipe: AnyRecipe,
    turn: tuple[int, int | None],
    changes: Mapping[str, Any],
) -> Planned:
    title, (seed, fold) = variant_words(changes, short), turn
    name = "-".join([*([title] if title else []), f"seed{seed}", *([] if fold is None else [f"fold{fold}"])])
    return Planned(name, title or asked.recipe.name, recipe, seed, changes, fold=fold)


def _named(drafts: Sequence[Planned]) -> list[Planned]:
    """Return the runs with names of folders; whatever scores weights again follows the run that has them."""
    runs: list[Planned] = []
    trained = ""
    for draft, name in zip(drafts, folder_names(draft.name for draft in drafts), strict=True):
        trained = name if draft.weights_of is None else trained
        runs.append(replace(draft, name=name, weights_of=draft.weights_of and trained))
    return runs


def _with_trials(asked: Plan, runs: Sequence[Planned]) -> tuple[Planned, ...]:
    """Return the runs, each that trains with the trials of its variant: those of the study's first seed."""
    first = [run for run in runs if run.seed == asked.seeds[0] and run.weights_of is None]
    drafts = {run.variant: _trial_drafts(asked, run) for run in first}
    names = iter(folder_names(trial.name for trials in drafts.values() for trial in trials))
    trials = {
        variant: tuple(replace(trial, name=next(names)) for trial in several) for variant, several in drafts.items()
    }
    return tuple(run if run.weights_of else replace(run, trials=trials[run.variant]) for run in runs)


def _trial_drafts(asked: Plan, run: Planned) -> list[Planned]:
    short = short_names(asked.settings)
    combined = list(combinations(asked.choose, _recipe_in(asked, run.changes)))
    if not combined:
        return []
    one = of_one_model(run.recipe, "choose")
    recipes = [load_recipe(one, values) for values in combined]
    refuse_without_epochs(recipes)
    return [
        _draft(asked, short, recipe, (run.seed, run.fold), {**run.changes, **values})
        for recipe, values in zip(recipes, combined, strict=True)
    ]


def _recipe_in(asked: Plan, combination: Mapping[str, Any]) -> str:
    return str(combination.get(RECIPE, asked.recipe.name))


def _recipe(asked: Plan, turn: _Turn) -> AnyRecipe:
    base = load_any(turn.combination.get(RECIPE, turn.recipe), turn.changes)
    own = {name: value for name, value in turn.combination.items() if name != RECIPE}
    varied = load_any(base, own)
    if asked.folds is not None and turn.fold is not None:
        varied = as_fold(varied, asked.folds, turn.fold)
    moved = {name: value for name, value in _split(varied, turn.seed, asked.split_seed).items() if name not in own}
    if varied.drawn is not None and varied.drawn.seed is None:
        moved["drawn.seed"] = base.seed  # one cohort for all seeds, and the run's recipe says which
    # A study is on its own split alone: each run once more on the paper's would double it unasked.
    return load_any(varied, {**moved, SEED: turn.seed, "as_published": None})


def _split(recipe: AnyRecipe, seed: int, split_seed: SplitSeed) -> dict[str, Any]:
    """Return what a seed does to the split: the settings to change."""
    split = recipe.split
    own = recipe.seed if split.seed is None else split.seed
    if split_seed == "fixed":
        return {"split.seed": own}
    if split.kind == "repeated":
        return {"split.seed": own, "split.repeat": seed, "split.repeats": max(split.repeats, seed + 1)}
    return {}


def _values(given: Mapping[str, Sequence[Any]] | None) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(several) for name, several in (given or {}).items()}
