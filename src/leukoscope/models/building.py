"""Building a network from a recipe's settings."""

from __future__ import annotations

from pathlib import Path

import torch

from leukoscope.models.cell_model import CellModel
from leukoscope.models.heads import make_head
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import WeightsNote, load_weights
from leukoscope.randomness import integer
from leukoscope.recipes.schema import ModelSettings


def build_model(
    settings: ModelSettings, outputs: int, *, weights_folder: Path | None = None, seed: int = 0
) -> tuple[CellModel, WeightsNote]:
    """Build a network and load the weights it starts from.

    The same settings, files and seed give the same weights; torch's own random state is left as it was. To load a
    trained network's state dict into it afterwards, build it with ``weights=None``.

    Args:
        settings: The recipe's ``model``.
        outputs: Number of logits: ``probabilities.outputs_of(classes)``.
        weights_folder: Where ``weights: imagenet`` looks first: a folder, or the file itself.
        seed: Seed of all random weights.

    Returns:
        The network, on the CPU in training mode with every part trained, and where its weights came from.

    Raises:
        SettingsError: an unknown backbone, stage or head.
        WeightsError: the weights are missing or do not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(integer(seed, "backbone"))
        backbone = create_backbone(settings.backbone, cut=settings.cut, stride_in_first=settings.stride_in_first)
        head = make_head(settings.head, backbone.features, outputs, dropout=settings.dropout, seed=seed)
    note, normalisation = load_weights(backbone, settings, weights_folder)
    return CellModel(backbone, head, normalisation), note
