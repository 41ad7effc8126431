"""Ways from a batch of patients to gradients. A new one is one file here and one line in ``BAG_STEPS``."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_batches import BagBatch, Loss
from leukoscope.training.bag_steps.chunked import chunked_step
from leukoscope.training.bag_steps.last import last_step
from leukoscope.training.bag_steps.whole import whole_step

__all__ = ["BAG_STEPS", "BagStep", "chunked_step", "last_step", "whole_step"]

BagStep = Callable[[PatientModel, BagBatch, Loss, BagSettings], float]
"""Adds gradients to the parameters', moves running statistics once, and returns the loss before the step."""

BAG_STEPS: dict[str, BagStep] = {"whole": whole_step, "chunked": chunked_step, "last": last_step}
"""The steps there are, by the name that ``bag.step`` uses."""
