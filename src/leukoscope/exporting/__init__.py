"""Exporting: a bundle as a graph for ONNX Runtime or OpenVINO, which needs no Leukoscope and says the same.

``export_bundle`` writes one; what must run within the graph (framing, views, aggregators, facts, calibration, rules)
has a file each here, made of tensor operations alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.exporting.exporting import Exported, export_bundle

__all__ = ["Exported", "export_bundle"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in __all__:
        raise AttributeError(f"module 'leukoscope.exporting' has no attribute {name!r}")
    return getattr(import_module("leukoscope.exporting.exporting"), name)
