"""A bundle's network: the settings build it, the weights fill it, and both must say the same."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from leukoscope.bundles.card import BundleCard
from leukoscope.errors import BundleError, LeukoscopeError
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.fitted import FittedHead, shapes_within
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.network import Network, cells_of
from leukoscope.models.probabilities import outputs_of
from leukoscope.models.stages import HEAD

LAST_LAYERS = ("head.linear.", "cells.head.linear.")


def rebuild(card: BundleCard, tensors: dict[str, Tensor]) -> Network:
    """Return the network in evaluation mode, with these weights and nothing to be trained.

    Args:
        card: The bundle's card.
        tensors: The network's whole state, as ``state_dict`` returns it.

    Raises:
        BundleError: the network cannot be built here, or the weights are those of another.
    """
    try:
        model = _built(card)
    except LeukoscopeError as error:
        raise BundleError(f"The bundle's network cannot be built here. {error.what}", do=error.do) from error
    _make_room(model, tensors)
    _refuse_misfit(model, tensors, card)
    model.load_state_dict(tensors)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval().requires_grad_(requires_grad=False)


def encoder_of(card: BundleCard) -> FactsEncoder | None:
    """Return what makes numbers of a patient's facts; None where no facts count.

    Raises:
        DataError: the encoder is of another version.
    """
    return FactsEncoder.from_json(card.encoder) if card.takes_facts and card.encoder is not None else None


def normalisation_of(model: Network) -> dict[str, Any]:
    """Return what the network does to each channel, in the order red, green, blue, as JSON values.

    Of a joint model ``branches`` says what each branch does to them besides.
    """
    common = {"mean": model.mean.flatten().tolist(), "std": model.std.flatten().tolist()}
    backbone = cells_of(model).backbone
    if not isinstance(backbone, JointBackbone):
        return common
    return {**common, "branches": {name: backbone.normalisation_of(name) for name in backbone.branches}}


def _built(card: BundleCard) -> Network:
    outputs = outputs_of(card.classes)
    if card.task == "cells":
        return build_model(card.model, outputs, size=card.input_size)[0]
    encoder = encoder_of(card)
    inputs = 0 if encoder is None else len(encoder.names)
    return build_patient_model(card.model, card.bag, card.facts, outputs, inputs=inputs, size=card.input_size)[0]


def _make_room(model: Network, tensors: dict[str, Tensor]) -> None:
    """Give a head that was fitted at once room for as many support vectors, or nodes, as the weights have."""
    head = cells_of(model).head
    if isinstance(head, FittedHead):
        head.make_room(shapes_within({name: tuple(value.shape) for name, value in tensors.items()}, HEAD))


def _refuse_misfit(model: Network, tensors: dict[str, Tensor], card: BundleCard) -> None:
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    wrong = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if not wrong:
        return
    name = wrong[0]
    if all(each.startswith(LAST_LAYERS) for each in wrong) and name in wanted and name in found:
        what = f"The weights give {found[name][0]} outputs, but {outputs_of(card.classes)} are needed for the classes."
        raise BundleError(f"{what[:-1]} {', '.join(card.classes.names)}.", do="Save the bundle again.")
    raise BundleError(
        "The weights are those of another network than the bundle's settings say.",
        where=f"{name}: {found.get(name, 'missing')} in the weights, {wanted.get(name, 'none')} in the network",
        more=len(wrong) - 1,
        do="Save the bundle again, or use the version of timm that it was saved with.",
    )
