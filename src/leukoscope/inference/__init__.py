"""Inference: a bundle and pictures to probabilities, in bounded memory.

``predict`` gives a table, ``predict_to_file`` writes one as it goes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.inference.predicting import predict, predict_blocks
    from leukoscope.inference.writing import Summary, predict_to_file

__all__ = ["Summary", "predict", "predict_blocks", "predict_to_file"]

_HOMES = {
    "Summary": "writing",
    "predict": "predicting",
    "predict_blocks": "predicting",
    "predict_to_file": "writing",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.inference' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.inference.{_HOMES[name]}"), name)
