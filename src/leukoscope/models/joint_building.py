"""Building the branches of a joint model, each with the weights it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from leukoscope.errors import SettingsError, WeightsError
from leukoscope.models.activations import use_leaky_relu
from leukoscope.models.bundle_origin import RANDOM
from leukoscope.models.joint_backbone import JointBackbone, refuse_names
from leukoscope.models.timm_backbones import Backbone, create_backbone
from leukoscope.models.weights import UNCHANGED, WeightsNote, load_weights
from leukoscope.randomness import integer
from leukoscope.recipes.schema import BranchSettings, ModelSettings


def create_joint(
    branches: Mapping[str, BranchSettings], weights_folder: Path | None, *, seed: int
) -> tuple[JointBackbone, WeightsNote]:
    """Make the backbones of a joint model and load the weights that each starts from.

    A branch's random weights depend on the seed and its name alone, not on the others.

    Args:
        branches: The recipe's ``model.branches``.
        weights_folder: Where ``weights: imagenet`` looks first: a folder, or the file itself.
        seed: Seed of all random weights.

    Raises:
        SettingsError: there is no branch, one can't be named so, or names an unknown backbone or stage.
        WeightsError: a branch's weights are missing or do not fit; the branch is named.
    """
    refuse_names(branches)
    made, normalisations, notes = {}, {}, {}
    for name, settings in branches.items():
        try:
            made[name] = _created(settings, integer(seed, "backbone", name))
            notes[name], wanted = load_weights(made[name], as_model(settings), weights_folder)
        except (SettingsError, WeightsError) as error:
            raise _of_branch(error, name) from error
        normalisations[name] = wanted if settings.normalise == "weights" else UNCHANGED
    return JointBackbone(made, normalisations), joint_note(notes)


def _created(settings: BranchSettings, seed: int) -> Backbone:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        backbone = create_backbone(settings.backbone, cut=settings.cut, stride_in_first=settings.stride_in_first)
    if settings.activation == "leaky_relu":
        use_leaky_relu(backbone)
    return backbone


def _of_branch(error: SettingsError | WeightsError, name: str) -> SettingsError | WeightsError:
    """Return an error of one network as that of a branch, with the settings' names as they are there."""
    where, do = (said and said.replace("model.", f"model.branches.{name}.") for said in (error.where, error.do))
    return type(error)(f"Branch {name}: {error.what}", where=where, more=error.more, do=do)


def as_model(branch: BranchSettings) -> ModelSettings:
    """Return a branch's settings as those of a network of its own."""
    return ModelSettings.model_validate(branch.model_dump())


def networks_of(model: ModelSettings) -> dict[str, ModelSettings]:
    """Return the networks that a model consists of, each by itself: of a joint one by branch, else one without a name.

    Example:
        >>> list(networks_of(ModelSettings(backbone="resnet18")))
        ['']
    """
    return {name: as_model(branch) for name, branch in model.branches.items()} or {"": model}


def joint_note(notes: Mapping[str, WeightsNote]) -> WeightsNote:
    """Return one note of where all branches' first weights came from.

    Args:
        notes: The branches' own, by name.

    Example:
        >>> joint_note({"A": WeightsNote("a.safetensors", "12ab", "mit"), "B": WeightsNote("random")})
        Weights: A: a.safetensors; B: random (sha256 A: 12ab), trained on not known, licence A: mit
    """
    if all(note.source == RANDOM for note in notes.values()):
        return WeightsNote(RANDOM)
    return WeightsNote(
        source=_told({name: note.source for name, note in notes.items()}) or RANDOM,
        sha256=_told({name: note.sha256 for name, note in notes.items()}),
        licence=_told({name: note.licence for name, note in notes.items()}),
        trained_on=_told({name: note.trained_on for name, note in notes.items()}),
        dropped=tuple(f"{name}.{gone}" for name, note in notes.items() for gone in note.dropped),
        caution=" ".join(dict.fromkeys(note.caution for note in notes.values() if note.caution)) or None,
        sets=tuple(dict.fromkeys(name for note in notes.values() for name in note.sets)),
    )


def _told(values: Mapping[str, str | None]) -> str | None:
    return "; ".join(f"{name}: {value}" for name, value in values.items() if value is not None) or None
