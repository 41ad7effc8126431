"""The figures that a paper published for a variant, to stand beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.recipes.loading import load_recipe, recipe_names
from leukoscope.recipes.schema import Recipe
from leukoscope.studies.plan import RECIPE, Planned

OF_THE_RUN = {"name", "about", "seed"}
FURTHER: dict[tuple[str, ...], tuple[tuple[dict[str, Any], dict[str, Any]], ...]] = {
    ("grisi2021", "grisi2021-quick"): (
        ({"model.backbone": "resnet34"}, {"balanced_accuracy": 0.810}),
        ({"model.backbone": "resnet50"}, {"balanced_accuracy": 0.806}),
        ({"bag.aggregator": {"top_k": {"k": 1}}}, {"balanced_accuracy": 0.788}),
        ({"bag.aggregator": {"top_k": {"k": 5}}}, {"balanced_accuracy": 0.843}),
        ({"bag.aggregator": {"top_and_bottom_k": {"k": 5}}}, {"balanced_accuracy": 0.838}),
        ({"bag.cells": 10}, {"balanced_accuracy": 0.802}),
    ),
    ("prellberg2019", "prellberg2019-small"): (({"test_time.rotations": 1}, {"weighted_f1": [0.8692, 0.0081]}),),
}
"""What a paper published for variants that are no recipe of their own: of which recipes, what differs, the figures.

Grisi & Schmidt-Mengin's are read off the figures of the authors' longer report: balanced accuracy on validation, mean
of the ten best epochs.
"""


def published_of(run: Planned, recipe: Recipe) -> dict[str, Any]:
    """Return the published figures by metric, as the recipe writes them; empty where the paper has none for this.

    A variant of a recipe that comes with Leukoscope may be another one of them: ``grisi2021`` with the aggregator
    ``mean`` is ``grisi2021-mean``. It is looked up by its settings as the paper has them, whatever else was changed
    for this study (a smaller network, fewer epochs); the page says that the published figure is that of the paper's own
    settings.

    Args:
        run: A run of the variant.
        recipe: The recipe that the study varies.
    """
    if set(run.changes) <= {RECIPE}:
        return dict(run.recipe.about.published)
    if recipe.name not in recipe_names():
        return {}
    own = {name: value for name, value in run.changes.items() if name != RECIPE}
    wanted = _settings(load_recipe(_base(run, recipe), own))
    for name in recipe_names():
        known = load_recipe(name)
        if known.about.paper == recipe.about.paper is not None and _settings(known) == wanted:
            return dict(known.about.published)
    return _further(_base(run, recipe), own)


def _further(base: str | Path, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of the variant that differs from a published recipe in just these settings."""
    known = load_recipe(base)
    differing = {name: value for name, value in changes.items() if load_recipe(base, {name: value}) != known}
    variants = next((of_recipe for names, of_recipe in FURTHER.items() if known.name in names), ())
    return dict(next((figures for settings, figures in variants if settings == differing), {}))


def _base(run: Planned, recipe: Recipe) -> str | Path:
    named: str | Path = run.changes.get(RECIPE, recipe.name)
    return named


def _settings(recipe: Recipe) -> dict[str, Any]:
    plain = recipe.model_dump(mode="json")
    plain["model"].pop("cut")  # a smaller network of the same kind
    return {name: value for name, value in plain.items() if name not in OF_THE_RUN}
