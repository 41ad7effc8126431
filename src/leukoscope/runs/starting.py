"""Starting from another run: its backbone, framing and normalisation come along, and a mismatch is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leukoscope.bundles.fields import read_fields
from leukoscope.errors import SettingsError
from leukoscope.models.bundle_weights import bundle_folder, read_card, refuse_other_network
from leukoscope.models.weights import wanted_by
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.loading import parse_recipe
from leukoscope.recipes.schema import Recipe

AUTO = {"center_crop": "auto"}
CROP = "center_crop"


def started_from(recipe: Recipe, weights_folder: Path | None) -> Recipe:
    """Return a recipe that starts from another run (``start_from``) with what comes along filled in.

    The backbone's weights, with the normalisation that they want, take the place of ``model.weights``; the head is the
    recipe's own. Framing is taken where the recipe has none. Where it has, it must be the same step by step; where both
    say ``center_crop: auto``, each crops its own data set's centre square at its native scale.

    Args:
        recipe: The recipe that was asked for; returned as it is where it starts from nothing.
        weights_folder: The folder given with ``--weights``.

    Raises:
        SettingsError: there is no such run or bundle, or it frames pictures otherwise.
        WeightsError: the bundle is of several models, or its network is another.
        BundleError: it is damaged, or was changed since it was saved.
    """
    if recipe.start_from is None:
        return recipe
    bundle = bundle_folder(recipe.start_from, weights_folder)
    if bundle is None:
        raise SettingsError(
            "There is no finished run, and no bundle, to start from.",
            where=recipe.start_from,
            do="Name the folder of a finished run, or of its bundle.",
        )
    card = read_fields(bundle)
    refuse_other_network(read_card(bundle)["model"], bundle, wanted_by(recipe.model))
    framing = _asked(card)
    if recipe.framing and _spec(recipe.framing) != _spec(framing):
        raise SettingsError(
            f"The run that this one starts from framed its pictures otherwise: {_said(framing)}, where this recipe has "
            f"{_said(recipe.framing)}.",
            where=str(bundle),
            do="Leave framing out (framing: []), so that it comes along; or start from a run of the same framing.",
        )
    return with_start(recipe, str(bundle), recipe.framing or framing)


def with_start(recipe: Recipe, weights: str, framing: Sequence[dict[str, Any]]) -> Recipe:
    """Return a recipe with the weights and the framing of the run that it starts from.

    Args:
        recipe: The recipe.
        weights: The bundle.
        framing: The steps.
    """
    content = recipe.model_dump(mode="json")
    content["model"]["weights"] = weights
    return parse_recipe(content | {"framing": list(framing), "without_weights": None}, where=f"recipe {recipe.name}")


def _asked(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a bundle's framing as its recipe asked for it: a centre square that was found in the pictures is auto."""
    found = card.get("auto_crop", False)
    return [AUTO if found and CROP in step else step for step in card["framing"]]


def _spec(framing: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a framing with everything in it that was left to be understood; ``center_crop: auto`` stays."""
    return [step if step == AUTO else parse_framing([step]).spec()[0] for step in framing]


def _said(framing: Sequence[dict[str, Any]]) -> str:
    return ", then ".join(f"{name} {value}" for step in framing for name, value in step.items()) or "nothing"
