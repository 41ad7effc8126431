"""The figures that a paper published for a variant, to stand beside ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from leukoscope.recipes.loading import load_recipe, recipe_names
from leukoscope.recipes.schema import AnyRecipe, EnsembleRecipe, Recipe
from leukoscope.studies.plan import RECIPE, Plan, Planned

OF_THE_RUN = {"name", "about", "seed"}


class Variant(NamedTuple):
    """A variant of a paper that is no recipe of its own.

    Args:
        settings: What differs from the recipe.
        figures: What was published, by metric.
        protocol: How that was measured.
    """

    settings: dict[str, Any]
    figures: dict[str, Any]
    protocol: str


REPORT = "Read off a figure of the authors' longer report: validation, mean of the ten best epochs (peeking)."
PRELIMINARY = "At 300 px on the preliminary test, best of six epochs there (peeking), 24 seeds"
LOWER = "by a one-sided Mann-Whitney U test."
FURTHER: dict[tuple[str, ...], tuple[Variant, ...]] = {
    ("grisi2021", "grisi2021-quick"): (
        Variant({"model.backbone": "resnet34"}, {"balanced_accuracy": 0.810}, REPORT),
        Variant({"model.backbone": "resnet50"}, {"balanced_accuracy": 0.806}, REPORT),
        Variant({"bag.aggregator": {"top_k": {"k": 1}}}, {"balanced_accuracy": 0.788}, REPORT),
        Variant({"bag.aggregator": {"top_k": {"k": 5}}}, {"balanced_accuracy": 0.843}, REPORT),
        Variant({"bag.aggregator": {"top_and_bottom_k": {"k": 5}}}, {"balanced_accuracy": 0.838}, REPORT),
        Variant({"bag.cells": 10}, {"balanced_accuracy": 0.802}, REPORT),
    ),
    ("prellberg2019", "prellberg2019-small"): (
        Variant(
            {"test_time.rotations": 1},
            {"weighted_f1": [0.8692, 0.0081]},
            f"{PRELIMINARY}, without rotations; lower than with 8, p < 0.001 {LOWER}",
        ),
        Variant(
            {"stages.0.rates": 1e-4},
            {"weighted_f1": [0.8720, 0.0070]},
            f"{PRELIMINARY}, 8 rotations, one rate of 1e-4 for all layers, chosen on validation; lower than with a "
            f"rate for each part, p < 0.002 {LOWER}",
        ),
    ),
}
"""What a paper published for variants that are no recipe of their own: of which recipes, what differs, the figures."""


def published_of(run: Planned, plan: Plan) -> dict[str, Any]:
    """Return what was published for a variant, and how it was measured.

    A variant of a recipe that comes with Leukoscope may be another one of them: ``grisi2021`` with the aggregator
    ``mean`` is ``grisi2021-mean``. It is looked up by its settings as the paper has them, whatever else was changed
    for this study (a smaller network, fewer epochs); the page says that the published figure is that of the paper's own
    settings. Where a setting is chosen among values of which the paper published one, that is the variant.

    Args:
        run: A run of the variant.
        plan: The study's plan.

    Returns:
        ``published``: the figures by metric, as the recipe writes them, empty where the paper has none for this; and
        their ``paper`` and ``protocol``.
    """
    base: str | Path = run.changes.get(RECIPE, plan.recipe.name)
    own = {name: value for name, value in run.changes.items() if name != RECIPE}
    if isinstance(run.recipe, EnsembleRecipe) or isinstance(plan.recipe, EnsembleRecipe):
        return _published(run.recipe, {} if own else None)
    trials = next((trained.trials for trained in plan.runs if trained.name == (run.weights_of or run.name)), ())
    if plan.recipe.name in recipe_names():
        tried = [_looked_up(base, plan.recipe, {**trial.changes, **run.changes}) for trial in trials]
        known = next((found for found in tried if found["published"]), None)
        if known is not None:
            return known
    if not own:
        return _published(run.recipe)
    if trials or plan.recipe.name not in recipe_names():
        return _published(run.recipe, {})
    return _looked_up(base, plan.recipe, own)


def _looked_up(base: str | Path, recipe: Recipe, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was published for a recipe with some changes: as a recipe of its own, or as one of ``FURTHER``."""
    asked = load_recipe(base, {name: value for name, value in changes.items() if name != RECIPE})
    for name in recipe_names():
        known = load_recipe(name)
        if known.about.paper == recipe.about.paper is not None and _settings(known) == _settings(asked):
            return _published(known)
    plain = load_recipe(base)
    for variant in next((several for names, several in FURTHER.items() if plain.name in names), ()):
        if load_recipe(base, variant.settings) == asked:
            return _published(plain, variant.figures, variant.protocol)
    return _published(plain, {})


def _published(
    recipe: AnyRecipe, figures: Mapping[str, Any] | None = None, protocol: str | None = None
) -> dict[str, Any]:
    known = recipe.about.published if figures is None else figures
    return {"published": dict(known), "paper": recipe.about.paper, "protocol": protocol or recipe.about.protocol}


def _settings(recipe: Recipe) -> dict[str, Any]:
    plain = recipe.model_dump(mode="json")
    plain["model"].pop("cut")  # a smaller network of the same kind
    return {name: value for name, value in plain.items() if name not in OF_THE_RUN}
