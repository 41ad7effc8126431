"""Building a network from a recipe's settings."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.models.activations import use_leaky_relu
from leukoscope.models.aggregators import Aggregator, make_aggregator
from leukoscope.models.cell_model import AnyBackbone, CellModel, pooled_length
from leukoscope.models.flattening import seen_size
from leukoscope.models.fusion import make_fusion
from leukoscope.models.heads import make_head
from leukoscope.models.joint_building import create_joint
from leukoscope.models.measures import chosen_measures
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import UNCHANGED, Normalisation, WeightsNote, load_weights
from leukoscope.randomness import integer
from leukoscope.recipes.joint_contradictions import JOINT
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, Recipe

BEHIND = ("none", "late")
"""The ways of fusion that are no part of the network: none at all, and logistic regression on its logits."""


def build_network(
    recipe: Recipe,
    classes: Classes,
    *,
    inputs: int = 0,
    size: tuple[int, int] | None = None,
    weights_folder: Path | None = None,
    seed: int | None = None,
) -> tuple[Network, WeightsNote]:
    """Build the network that a recipe's task needs.

    Args:
        recipe: The recipe.
        classes: The classes.
        inputs: Number of encoded facts of a patient; of no meaning for cells.
        size: As in ``build_model``.
        weights_folder: As in ``build_model``.
        seed: Seed of all random weights; the recipe's where None.

    Raises:
        LeukoscopeError: as ``build_model`` and ``build_patient_model``.
    """
    outputs, drawn = outputs_of(classes), recipe.seed if seed is None else seed
    if recipe.task == "cells":
        return build_model(recipe.model, outputs, size=size, weights_folder=weights_folder, seed=drawn)
    return build_patient_model(
        recipe.model,
        recipe.bag,
        recipe.facts,
        outputs,
        inputs=inputs,
        size=size,
        weights_folder=weights_folder,
        seed=drawn,
    )


def build_model(
    settings: ModelSettings,
    outputs: int,
    *,
    size: tuple[int, int] | None = None,
    weights_folder: Path | None = None,
    seed: int = 0,
) -> tuple[CellModel, WeightsNote]:
    """Build a network of cells and load the weights it starts from.

    The same settings, files and seed give the same weights; torch's own random state is left as it was. To load a
    trained network's state dict into it afterwards, build it with ``weights=None``.

    Args:
        settings: The recipe's ``model``.
        outputs: Number of logits: ``probabilities.outputs_of(classes)``.
        size: Height and width in px of the framed pictures, which the network takes from then on where every pixel of
            the last map counts (``pool: flatten``); of no meaning otherwise.
        weights_folder: Where ``weights: imagenet`` looks first: a folder, or the file itself.
        seed: Seed of all random weights.

    Returns:
        The network, on the CPU in training mode with every part trained, and where its weights came from.

    Raises:
        SettingsError: an unknown backbone, stage, head or measure, a stage to be pooled that is not there, or no size
            where one is needed.
        WeightsError: the weights are missing or do not fit.
    """
    measures = chosen_measures(settings.measures)
    backbone, note, normalisation = _first_backbone(settings, weights_folder, seed)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(integer(seed, "layers"))
        stages = _pool_stages(settings, backbone)
        flatten = seen_size(size, settings.crop) if settings.pool == "flatten" else None
        length = pooled_length(backbone, stages, flatten) + len(measures)
        head = make_head(settings, length, outputs, seed=seed)
    model = CellModel(
        backbone,
        head,
        normalisation,
        crop=settings.crop,
        measures=measures,
        pool_stages=stages,
        pool_rim=settings.pool_rim,
        flatten=flatten,
    )
    return model, note


def _first_backbone(
    settings: ModelSettings, weights_folder: Path | None, seed: int
) -> tuple[AnyBackbone, WeightsNote, Normalisation]:
    """Return the backbone with the weights it starts from, where these came from, and what they want of the pixels.

    A joint backbone normalises the pixels itself, for each branch.
    """
    if settings.backbone == JOINT:
        joint, told = create_joint(settings.branches, weights_folder, seed=seed)
        return joint, told, UNCHANGED
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(integer(seed, "backbone"))
        backbone = create_backbone(settings.backbone, cut=settings.cut, stride_in_first=settings.stride_in_first)
    if settings.activation == "leaky_relu":
        use_leaky_relu(backbone)
    note, wanted = load_weights(backbone, settings, weights_folder)
    return backbone, note, wanted if settings.normalise == "weights" else UNCHANGED


def _pool_stages(settings: ModelSettings, backbone: AnyBackbone) -> list[str] | None:
    """Return the stages that are pooled over the cell; None where the last map is averaged, as usual, or flattened."""
    if settings.pool != "cell":
        return None
    return backbone.kept[-1:] if settings.pool_stages is None else settings.pool_stages


def build_patient_model(
    model: ModelSettings,
    bag: BagSettings,
    facts: FactsSettings,
    outputs: int,
    *,
    inputs: int = 0,
    size: tuple[int, int] | None = None,
    weights_folder: Path | None = None,
    seed: int = 0,
) -> tuple[PatientModel, WeightsNote]:
    """Build a network of patients and load the weights that its backbone starts from.

    Backbone and seed alike, it starts from the backbone that ``build_model`` makes. Late fusion is no part of it.

    Args:
        model: The recipe's ``model``.
        bag: The recipe's ``bag``.
        facts: The recipe's ``facts``.
        outputs: Number of logits: ``probabilities.outputs_of(classes)``.
        inputs: Number of encoded facts of a patient; 0 where there are none.
        size: As in ``build_model``.
        weights_folder: As in ``build_model``.
        seed: Seed of all random weights.

    Returns:
        The network, on the CPU in training mode with every part trained, and where its weights came from.

    Raises:
        SettingsError: an unknown backbone, stage, head, measure, aggregator, option or fusion; named measures, pooling
            over the cell, or flattening, where instances are pixels; no size where one is needed; or logits are
            aggregated by what is for features only.
        WeightsError: the weights are missing or do not fit.
    """
    cells, note = build_model(model, outputs, size=size, weights_folder=weights_folder, seed=seed)
    length = cells.embedded if bag.instances == "cells" else _channels(cells)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(integer(seed, "patient"))
        aggregator = make_aggregator(bag.aggregator, length, outputs if bag.order == "logits" else length, seed)
        _refuse_untrained(model, aggregator)
        vector = _vector(aggregator, bag, outputs, length)
        fusion = _fusion(facts, vector, inputs, outputs, seed)
        taken = length if bag.order == "logits" else vector
        if fusion is not None and bag.order == "features":
            cells.head = nn.Identity()  # the fusion makes the logits
        elif taken != cells.embedded:  # some networks widen the vector behind their pooling, some aggregators theirs
            cells.head = make_head(model, taken, outputs, seed=seed)
    known = 0 if fusion is None else inputs
    return PatientModel(
        cells, aggregator, instances_of=bag.instances, order=bag.order, fusion=fusion, facts=known
    ), note


def _refuse_untrained(model: ModelSettings, aggregator: Aggregator) -> None:
    if model.fitted_at_once and next(aggregator.parameters(), None) is not None:
        raise SettingsError(
            f"{type(aggregator).__name__} has weights of its own, which a head that is fitted at once does not train.",
            where="bag.aggregator",
            do="Take mean, mean_and_spread, max or top_k; or model.head: linear, with stages.",
        )


def _vector(aggregator: Aggregator, bag: BagSettings, outputs: int, length: int) -> int:
    """Return the length of what the aggregator makes of a patient."""
    if bag.order == "features":
        return aggregator.width(length)
    if aggregator.width(outputs) != outputs:
        raise SettingsError(
            f"{type(aggregator).__name__} says several things of each column: it aggregates features, not logits.",
            where="bag.order",
            do="Set bag.order: features, or choose another aggregator: mean.",
        )
    return outputs


def _fusion(facts: FactsSettings, columns: int, inputs: int, outputs: int, seed: int) -> nn.Module | None:
    if facts.fusion in BEHIND:
        return None
    return make_fusion(facts.fusion, columns, inputs, outputs, seed)


def _channels(cells: CellModel) -> int:
    """Return the channels of the feature maps, found by a trial on one black picture."""
    side, training = max(cells.backbone.side, cells.crop or 0), cells.training
    cells.eval()
    with torch.inference_mode():
        found = cells.features(torch.zeros(1, 3, side, side)).shape[1]
    cells.train(training)
    return found
