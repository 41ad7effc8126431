"""Whether the weights that a recipe starts from are at hand, and what it does where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leukoscope.models.joint_building import networks_of
from leukoscope.models.weights import IMAGENET, at_hand
from leukoscope.recipes.loading import parse_recipe
from leukoscope.recipes.none import NONE
from leukoscope.recipes.patches import merged
from leukoscope.recipes.schema import ModelSettings, Recipe
from leukoscope.runs.starting import started_from, with_start


def with_weights_at_hand(recipe: Recipe, folder: Path | None) -> Recipe:
    """Return a recipe as it is to be run here.

    What another run gives it (``start_from``) is filled in; else its ``without_weights`` are laid over it where weights
    are not at hand.

    Args:
        recipe: The recipe that was asked for.
        folder: The folder (or the file) given with ``--weights``; None where there is none.

    Returns:
        The recipe, ``without_weights`` settled; ``about.caution`` says it where other settings count.

    Raises:
        WeightsError: there is no such folder of weights, or the run that it starts from is damaged.
        SettingsError: the recipe's ``without_weights`` are no settings, or as of ``started_from``.
    """
    recipe = started_from(recipe, folder)
    if recipe.without_weights is None:
        return recipe
    settled = recipe.model_copy(update={"without_weights": None})
    lacking = [name for name, own in _from_imagenet(recipe).items() if not at_hand(own, folder)]
    return _without(recipe, settled, lacking) if lacking else settled


def as_begun(recipe: Recipe, begun: dict[str, Any]) -> Recipe:
    """Return a recipe as a run of it was begun, whatever weights are at hand now.

    Args:
        recipe: The recipe that is asked for again.
        begun: The recipe that the run was begun with, as JSON values (``asked`` in its record).

    Raises:
        SettingsError: the recipe's ``without_weights`` are no settings.
    """
    if recipe.start_from is not None and recipe.start_from == begun.get("start_from"):
        return with_start(recipe, begun["model"]["weights"], recipe.framing or begun["framing"])
    if recipe.without_weights is None:
        return recipe
    settled = recipe.model_copy(update={"without_weights": None})
    lacked = [name for name in _from_imagenet(recipe) if _part(begun["model"], name).get("weights") == NONE]
    return _without(recipe, settled, lacked) if lacked else settled


def _from_imagenet(recipe: Recipe) -> dict[str, ModelSettings]:
    """Return the networks that start from ImageNet, as ``networks_of`` does."""
    return {name: own for name, own in networks_of(recipe.model).items() if own.weights == IMAGENET}


def _part(model: dict[str, Any], branch: str) -> dict[str, Any]:
    """Return the settings of a branch of a model, or of the model itself where the branch has no name."""
    return dict(model.get("branches", {}).get(branch, {})) if branch else model


def _without(recipe: Recipe, settled: Recipe, lacking: Sequence[str]) -> Recipe:
    networks = networks_of(recipe.model)
    what = f"No trained weights of {' and '.join(networks[name].backbone for name in lacking)} were at hand"
    said = (
        f"{what}: it learnt from random ones, as the recipe has it for that case (without_weights). "
        "With their file in the folder of --weights it starts from them."
    )
    content = merged(settled.model_dump(mode="json"), recipe.without_weights or {})
    for name in lacking:
        (content["model"]["branches"][name] if name else content["model"])["weights"] = NONE
    content["about"]["caution"] = " ".join(filter(None, [recipe.about.caution, said]))
    return parse_recipe(content, where=f"recipe {recipe.name}, without_weights")
