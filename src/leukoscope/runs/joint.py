"""The joint model of an ensemble: one network more, whose branches begin as the members ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leukoscope.errors import SettingsError
from leukoscope.files import remove
from leukoscope.models.joint_backbone import refuse_names
from leukoscope.recipes.joint_contradictions import JOINT
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import EnsembleRecipe, Recipe
from leukoscope.runs.folder import RunFolder

OF_BRANCH = ("backbone", "cut", "stride_in_first", "activation", "normalise")
USUAL: dict[str, tuple[Any, str]] = {
    "pool": ("average", "average"),
    "measures": (False, "false"),
    "crop": (None, "null"),
}
"""What a branch cannot have otherwise: the setting of ``model``, its usual value, and that in YAML."""


def joint_recipe(
    recipe: EnsembleRecipe, members: Mapping[str, Recipe], common: Mapping[str, Any], folders: Mapping[str, Path]
) -> Recipe | None:
    """Return the recipe of the joint model (Liu & Long 2019, stage two); None where none is asked for.

    Its branches are the members' networks in their order, each with the weights of its best epoch; its head is new.
    It sees the pictures as the members see them, and all training cells, as its own recipe says.

    Args:
        recipe: The recipe of the ensemble.
        members: The members' recipes.
        common: The settings that all models share: the split, the threshold, the seed.
        folders: The folders of the members that are finished; of the others random weights stand in, so that a wrong
            setting is told before anything is trained.

    Raises:
        SettingsError: the recipe or its settings are wrong, a member has a name that no branch can have, or the
            members' networks cannot stand side by side.
    """
    if recipe.joint is None:
        return None
    if JOINT in members:
        raise SettingsError(f"A member is called {JOINT!r}, as the joint model is.", where="members", do="Rename it.")
    refuse_names(members)
    _refuse_unlike(members)
    _refuse_pooled_otherwise(members)
    branches = {name: _branch(own, folders.get(name)) for name, own in members.items()}
    first = next(iter(members.values()))
    given = {"model.backbone": JOINT, "model.branches": branches, "framing": first.framing}
    return load_recipe(recipe.joint.recipe, {**recipe.joint.set, **common, **given})


def as_begun(joint: Recipe, place: RunFolder) -> Recipe:
    """Return the recipe of the joint model as its run knows it; its folder may have been moved since.

    The paths of the branches' weights are then others than when it was begun. A finished run keeps those of then; one
    that is not finished needs its weights again, and is begun anew.

    Args:
        joint: From ``joint_recipe``.
        place: The joint model's folder, begun or not.
    """
    if not place.record.is_file():
        return joint
    record = place.read_record()
    begun = {name: branch["weights"] for name, branch in record["asked"]["model"]["branches"].items()}
    if begun == {name: branch.weights for name, branch in joint.model.branches.items()}:
        return joint
    if record["status"] != "finished":
        remove(place.path)
        return joint
    branches = {
        name: branch.model_copy(update={"weights": begun.get(name, branch.weights)})
        for name, branch in joint.model.branches.items()
    }
    return joint.model_copy(update={"model": joint.model.model_copy(update={"branches": branches})})


def _branch(member: Recipe, folder: Path | None) -> dict[str, Any]:
    weights = None if folder is None else str(RunFolder(folder).bundle.resolve())
    return {**member.model.model_dump(mode="json", include=set(OF_BRANCH)), "weights": weights}


def _refuse_unlike(members: Mapping[str, Recipe]) -> None:
    names = list(members)
    for name in names[1:]:
        if members[name].framing != members[names[0]].framing:
            what = f"The members {names[0]!r} and {name!r} frame pictures otherwise; a joint model sees one picture."
            raise SettingsError(what, where=JOINT, do="Give all members one framing, or leave joint out.")


def _refuse_pooled_otherwise(members: Mapping[str, Recipe]) -> None:
    for name, own in members.items():
        for setting, (usual, written) in USUAL.items():
            if getattr(own.model, setting) != usual:
                what = f"The member {name!r} has model.{setting}, which no branch of a joint model has."
                raise SettingsError(what, where=JOINT, do=f"Set model.{setting}: {written} there, or leave joint out.")
