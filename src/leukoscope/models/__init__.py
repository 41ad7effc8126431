"""Networks: timm backbones whole or cut, heads, the weights they start from, and what of them is trained.

``build_model`` makes a network of a recipe's settings; ``set_trained`` and ``parameter_groups`` say what of it learns.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.models.building import build_model
    from leukoscope.models.cell_model import CellModel
    from leukoscope.models.describing import count_parameters, network_table
    from leukoscope.models.trained_parts import parameter_groups, set_trained
    from leukoscope.models.weights import WeightsNote

__all__ = [
    "CellModel",
    "WeightsNote",
    "build_model",
    "count_parameters",
    "network_table",
    "parameter_groups",
    "set_trained",
]

_HOMES = {
    "CellModel": "cell_model",
    "WeightsNote": "weights",
    "build_model": "building",
    "count_parameters": "describing",
    "network_table": "describing",
    "parameter_groups": "trained_parts",
    "set_trained": "trained_parts",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch and timm take seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.models' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.models.{_HOMES[name]}"), name)
