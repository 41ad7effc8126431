"""Training: stages, steps, objectives, schedules, checkpoints; from stored cells to the best epoch's weights.

``train`` does all of it; ``predict_store`` gives a network's logits for stored cells.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.training.device import choose_device
    from leukoscope.training.loop import Trained, train
    from leukoscope.training.scoring import predict_store

__all__ = ["Trained", "choose_device", "predict_store", "train"]

_HOMES = {"Trained": "loop", "choose_device": "device", "predict_store": "scoring", "train": "loop"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.training' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.training.{_HOMES[name]}"), name)
