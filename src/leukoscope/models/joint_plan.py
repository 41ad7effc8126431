"""A joint model as a plan for people: its branches, what is made of their features, layer by layer."""

from __future__ import annotations

from typing import Any

from torch import nn

from leukoscope.models.cell_model import CellModel
from leukoscope.models.describing import count_parameters
from leukoscope.models.joint_backbone import JointBackbone

FORMAT = 1


def joint_plan(model: CellModel) -> dict[str, Any] | None:
    """Return the plan of a joint model as JSON values; None of any other.

    Args:
        model: The network; what of it is trained counts as it is set now.

    Returns:
        ``format``; ``branches``, each with ``name``, ``backbone``, ``cut`` (None for none), ``parameters``, ``trained``
        and ``features``; ``features``, their sum; ``layers`` of the head in order, each with ``kind`` (``norm``,
        ``features`` (these, where some are dropped), ``dense``, ``output``, or the class's name of another head),
        ``width``, ``dropout`` (the share dropped behind it, 0 for none) and ``parameters``; ``parameters`` and
        ``trained`` of all.
    """
    backbone = model.backbone
    if not isinstance(backbone, JointBackbone):
        return None
    parameters, trained = count_parameters(model)
    return {
        "format": FORMAT,
        "branches": [_branch(backbone, name) for name in backbone.branches],
        "features": backbone.features,
        "layers": _layers(model.head),
        "parameters": parameters,
        "trained": trained,
    }


def _branch(backbone: JointBackbone, name: str) -> dict[str, Any]:
    branch = backbone.branches[name]
    parameters, trained = count_parameters(branch)
    return {
        "name": name,
        "backbone": branch.name,
        "cut": branch.cut,
        "parameters": parameters,
        "trained": trained,
        "features": branch.features,
    }


def _layers(head: nn.Module) -> list[dict[str, Any]]:
    if not isinstance(head, nn.Sequential):
        return [_layer(head, type(head).__name__, None)]
    found: list[dict[str, Any]] = []
    for module in head:
        if isinstance(module, nn.BatchNorm1d):
            found.append(_layer(module, "norm", module.num_features))
        elif isinstance(module, nn.Linear):
            found.append(_layer(module, "dense", module.out_features))
        elif isinstance(module, nn.Dropout):
            found = found or [_layer(module, "features", None)]
            found[-1]["dropout"] = module.p
    return [*found[:-1], found[-1] | {"kind": "output"}]


def _layer(module: nn.Module, kind: str, width: int | None) -> dict[str, Any]:
    return {"kind": kind, "width": width, "dropout": 0.0, "parameters": count_parameters(module)[0]}
