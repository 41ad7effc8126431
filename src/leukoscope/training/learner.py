"""What learns in one stage."""

from __future__ import annotations

from dataclasses import dataclass

from torch.optim import Optimizer

from leukoscope.models.network import Network
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.averaging import WeightAverage


@dataclass(frozen=True)
class Learner:
    """What learns in one stage.

    Args:
        model: The network, on the device, with the stage's parts set to be trained.
        optimiser: Of the trained parts.
        average: The moving average of the weights; None where there is none.
        stage: The stage's settings.
        falls: How often the stage's rates have fallen before the present epoch (``History.falls``).
    """

    model: Network
    optimiser: Optimizer
    average: WeightAverage | None
    stage: StageSettings
    falls: int = 0
