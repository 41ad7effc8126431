"""Training behind a backbone that stays as it is (``bag.frozen``): what learns, and what is computed ahead."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from leukoscope.errors import SettingsError
from leukoscope.models.network import Network
from leukoscope.models.part_names import OTHERS, expand
from leukoscope.models.patient_model import AGGREGATOR, FACTS, PatientModel
from leukoscope.models.stages import HEAD
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.contradictions import refuse_frozen
from leukoscope.recipes.schema import Recipe, StageSettings
from leukoscope.training.cell_sources import feature_source

LEARNING = (HEAD, AGGREGATOR, FACTS)


def is_frozen(recipe: Recipe) -> bool:
    """Return whether a recipe's patients are learnt on features that are computed once."""
    return recipe.task == "patients" and recipe.bag.frozen


def without_backbone(recipe: Recipe, model: Network) -> Recipe:
    """Return the recipe whose stages train head, aggregator and fusion alone, where its backbone is frozen.

    A part that no stage trains gets no gradient and no weight decay, and stays in evaluation mode, so that its
    batch-norm statistics stay too (``models.set_trained``).

    Args:
        recipe: The recipe; returned as it is where ``bag.frozen`` is not set.
        model: The network.

    Raises:
        SettingsError: a stage names a part of the backbone to be trained, or gives one a rate; or the recipe
            contradicts itself, as ``refuse_frozen`` says.
    """
    if not is_frozen(recipe):
        return recipe
    refuse_frozen(recipe)
    known = model.part_names
    stages = [_behind(stage, f"stages.{place}", known) for place, stage in enumerate(recipe.stages)]
    return recipe.model_copy(update={"stages": stages})


def embed_ahead(recipe: Recipe, model: Network, parts: Sequence[CellData | BagData], device: torch.device) -> None:
    """Compute the features of all cells that a training will see, where its backbone is frozen.

    Args:
        recipe: The recipe.
        model: The network, with the weights that it is trained with; moved to ``device``, left in evaluation mode.
        parts: The training and the validation part.
        device: Where to compute.
    """
    if is_frozen(recipe) and isinstance(model, PatientModel):
        for data in parts:
            feature_source(model, data.cells if isinstance(data, BagData) else data, device)


def _behind(stage: StageSettings, where: str, known: list[str]) -> StageSettings:
    learning = [part for part in known if part in LEARNING]
    if isinstance(stage.rates, dict):
        for entry in stage.rates:
            if entry != OTHERS and not set(expand(entry, known, f"{where}.rates")) & set(learning):
                raise _of_backbone(f"has a rate for {entry!r}", f"{where}.rates", learning)
    if stage.train == "all":
        return stage.model_copy(update={"train": learning})
    for entry in [stage.train] if isinstance(stage.train, str) else stage.train:
        if set(expand(entry, known, f"{where}.train")) - set(learning):
            raise _of_backbone(f"trains {entry!r}", f"{where}.train", learning)
    return stage


def _of_backbone(what: str, where: str, learning: list[str]) -> SettingsError:
    return SettingsError(
        f"A stage {what}, and the backbone stays as it is (bag.frozen: true).",
        where=where,
        do=f"Name only what learns ({', '.join(learning)}), or let the backbone learn (bag.frozen: false).",
    )
