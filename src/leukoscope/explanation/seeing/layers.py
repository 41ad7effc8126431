"""The layers of a network of cells by name, and the one whose feature maps are the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError, nearest
from leukoscope.explanation.seeing.state import looked_into
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead, ForestScores
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.stages import HEAD
from leukoscope.models.timm_backbones import CutAway

MAPS = 4
"""Axes of feature maps: pictures, channels, rows, columns."""
TOKENS = 3
"""Axes of a transformer's tokens: pictures, tokens, channels."""


def layer_names(network: CellModel) -> list[str]:
    """Return the names of all layers: the backbone's modules as timm names them, then the head's.

    What a cut took away is left out.
    """
    return list(_layers(network))


def find_layer(network: CellModel, name: str) -> nn.Module:
    """Return a layer by its dotted name: ``layer3``, ``layer3.0.conv1``, ``head.linear``.

    Raises:
        SettingsError: there is none of this name; the nearest ones are offered.
    """
    known = _layers(network)
    if name not in known:
        raise SettingsError(f"{network.backbone.name} has no layer {name!r}.", where="layer", do=nearest(name, known))
    return known[name]


def layer_maps(network: CellModel, name: str, pixels: Tensor) -> Tensor:
    """Return the feature maps that a layer gives, (n, c, h', w') float32; a copy, the network is left as it was.

    Args:
        network: The network.
        name: The layer's name.
        pixels: (n, 3, h, w) float32, RGB, 0 to 1.

    Raises:
        SettingsError: there is no such layer, the network does not use it, or it gives no feature maps.
    """
    kept: list[Any] = []
    # Copied at once: a layer behind may overwrite it (ReLU in place).
    hook = find_layer(network, name).register_forward_hook(lambda _m, _g, found: kept.append(_copied(found)))
    try:
        with looked_into(network), torch.no_grad():
            network(pixels)
    finally:
        hook.remove()
    if not kept:
        raise SettingsError(f"The network does not use the layer {name!r}.", where="layer", do="Name another.")
    shape = tuple(getattr(kept[0], "shape", ()))
    if len(shape) != MAPS:
        said = " x ".join(["n", *map(str, shape[1:])]) if shape else "several tensors"
        raise SettingsError(
            f"The layer {name!r} gives {said}, no feature maps.", where="layer", do="Name an earlier layer."
        )
    maps: Tensor = kept[0]
    return maps


def last_maps(network: CellModel, size: tuple[int, int]) -> str:
    """Return the name of the last block that gives feature maps of more than one place: where class maps are laid.

    A cut network's is the last stage that is kept; a flattened one's is what is flattened.

    Args:
        network: The network.
        size: Height and width in px of its pictures.

    Raises:
        SettingsError: no block gives feature maps, as in a transformer; or several networks stand side by side.
    """
    if isinstance(network.backbone, JointBackbone):
        first = next(iter(network.backbone.branches))
        raise SettingsError(
            "Several networks side by side have no feature maps in common that a class map could be laid on.",
            where="layer",
            do=f"Name a layer of one of them ({first}.layer4), or take integrated_gradients or occlusion: they need "
            "no layer.",
        )
    shapes: dict[str, tuple[int, ...]] = {}
    net = network.backbone.net
    blocks = {unit.name: net.get_submodule(unit.name) for unit in network.backbone.layout.units}
    hooks = [
        block.register_forward_hook(_noting(shapes, name))
        for name, block in blocks.items()
        if not isinstance(block, CutAway | nn.Identity)
    ]
    try:
        with looked_into(network), torch.no_grad():
            network(torch.zeros(1, 3, *size, device=network.mean.device))
    finally:
        for hook in hooks:
            hook.remove()
    tokens = any(len(shape) == TOKENS for shape in shapes.values())
    channels_last = getattr(net, "output_fmt", "NCHW") == "NHWC"
    maps = [name for name, shape in shapes.items() if len(shape) == MAPS and shape[2] * shape[3] > 1]
    if not maps or tokens or channels_last:
        raise SettingsError(
            f"{network.backbone.name} gives no feature maps that a class map could be laid on.",
            where="layer",
            do="Take integrated_gradients or occlusion: they need no layer.",
        )
    return maps[-1]


def refuse_unsuitable(network: Network) -> CellModel:
    """Return the network as one of cells whose logit comes from feature maps alone.

    Raises:
        SettingsError: it diagnoses patients, or part of its logit is of the whole cell, which no map can hold.
    """
    if isinstance(network, PatientModel):
        raise SettingsError(
            "This network diagnoses patients, not single cells.",
            where="task",
            do="The patients' pages of its report show what each cell and place adds.",
        )
    if network.measures is not None:
        raise SettingsError(
            f"Part of the logit comes from measures of the whole cell ({', '.join(network.measures.names)}), "
            "which no map of places can show.",
            where="model.measures",
            do="Explain a network that was trained without measures (model.measures: false).",
        )
    if network.pooling is not None:
        raise SettingsError(
            "The logit comes from means and deviations over the cell's own outline, of several layers at once: no map "
            "of one layer can show it.",
            where="model.pool",
            do="Explain a network with the usual pooling (model.pool: average).",
        )
    if isinstance(network.head, FittedHead) and isinstance(network.head.scores, ForestScores):
        raise SettingsError(
            "The logit comes from a forest, whose steps have no slope that could be followed back to a place.",
            where="model.head",
            do="Explain a network with another head (model.head: svm, mlp, linear).",
        )
    return network


def _layers(network: CellModel) -> dict[str, nn.Module]:
    removed = network.backbone.removed
    found = {
        name: module
        for name, module in network.backbone.net.named_modules()
        if name and not any(name == gone or name.startswith(f"{gone}.") for gone in removed)
    }
    own = {f"{HEAD}.{name}" if name else HEAD: module for name, module in network.head.named_modules()}
    return {**found, **own}


def _copied(found: Any) -> Any:  # noqa: ANN401 - whatever a layer gives
    return found.detach().clone() if isinstance(found, Tensor) else found


def _noting(shapes: dict[str, tuple[int, ...]], name: str) -> Callable[[nn.Module, Any, Any], None]:
    def note(_module: nn.Module, _given: Any, result: Any) -> None:  # noqa: ANN401 - whatever a layer takes and gives
        if isinstance(result, Tensor):
            shapes.pop(name, None)
            shapes[name] = tuple(result.shape)

    return note
