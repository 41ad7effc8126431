"""The runs of a plan as the study's record tells of them: which settings vary, and what they are in each, in words."""

from __future__ import annotations

from typing import Any

from leukoscope.recipes.schema import AnyRecipe
from leukoscope.studies.naming import setting_words
from leukoscope.studies.plan import Plan, Planned
from leukoscope.studies.scoped import setting_of

OPEN = "to be chosen"
"""The value of a setting of which the best is yet to be found."""


def varying_values(plan: Plan) -> dict[str, list[Any]]:
    """Return the values of each setting that varies, those of the grid as they were given.

    Of a setting that is rescored they are all that runs have, in words; of one that is chosen there is one alone.

    Args:
        plan: The plan.
    """
    chosen = {setting_of(name): [OPEN] for name in plan.choose}
    names = dict.fromkeys(map(setting_of, plan.rescore))
    rescored = {name: list(dict.fromkeys(_words(run, name) for run in plan.runs)) for name in names}
    return {name: list(values) for name, values in plan.grid.items()} | chosen | rescored


def recorded_runs(plan: Plan) -> list[dict[str, Any]]:
    """Return each run: ``name``, ``variant``, ``seed``, ``changes``, with what only some have.

    Args:
        plan: The plan.

    Returns:
        ``changes`` has every setting that varies, also where it is the recipe's own. ``fold`` is there where the study
        has folds, ``rescored_from`` where the run trains nothing.
    """
    trained = {run.name: run for run in plan.runs if run.weights_of is None}
    return [_recorded(plan, run, trained[run.weights_of or run.name]) for run in plan.runs]


def value_of(recipe: AnyRecipe, name: str) -> Any:  # noqa: ANN401 - any YAML value
    """Return a setting's value in a recipe, by its dotted name; None where it has no such place.

    Example:
        >>> from leukoscope.recipes.loading import load_recipe
        >>> recipe = load_recipe("drawn")
        >>> value_of(recipe, "stages.0.rates"), value_of(recipe, "stages.1.rates"), value_of(recipe, "drawn.counts.x")
        (0.002, None, None)
    """
    here: Any = recipe.model_dump(mode="json")
    for part in name.split("."):
        here = _inside(here, part)
    return here


def _inside(here: Any, part: str) -> Any:  # noqa: ANN401 - any YAML value
    if isinstance(here, list):
        return here[int(part)] if int(part) < len(here) else None
    return here.get(part) if isinstance(here, dict) else None


def _recorded(plan: Plan, run: Planned, trained: Planned) -> dict[str, Any]:
    tried = {name for trial in trained.trials for name in trial.changes} - set(trained.changes)
    words = {name: OPEN if name in tried else _words(run, name) for name in plan.settings}
    found = {"name": run.name, "variant": run.variant, "seed": run.seed, "changes": words}
    found |= {} if run.fold is None else {"fold": run.fold}
    return found | ({} if run.weights_of is None else {"rescored_from": run.weights_of})


def _words(run: Planned, name: str) -> str:
    return setting_words(name, run.changes[name] if name in run.changes else value_of(run.recipe, name))
