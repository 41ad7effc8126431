"""Where a run trains, and who follows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from leukoscope.training.display import Display


@dataclass(frozen=True)
class TrainingPlace:
    """Where a run trains, and who follows.

    Args:
        folder: Where checkpoints and histories go.
        weights: Where first weights are looked for; None for the hub's cache alone.
        device: Where to compute.
        display: Who follows.
    """

    folder: Path
    weights: Path | None
    device: torch.device
    display: Display
