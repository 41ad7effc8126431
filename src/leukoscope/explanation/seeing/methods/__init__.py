"""The methods of class maps. A new one is a file here and a line in ``METHODS``."""

from __future__ import annotations

from leukoscope.explanation.seeing.methods.grad_cam import GRAD_CAM
from leukoscope.explanation.seeing.methods.gradient_times_activation import GRADIENT_TIMES_ACTIVATION
from leukoscope.explanation.seeing.methods.integrated_gradients import INTEGRATED_GRADIENTS
from leukoscope.explanation.seeing.methods.method import Asked, ClassLogit, Method
from leukoscope.explanation.seeing.methods.occlusion import OCCLUSION

__all__ = ["METHODS", "Asked", "ClassLogit", "Method"]

METHODS: dict[str, Method] = {
    method.name: method for method in (GRAD_CAM, GRADIENT_TIMES_ACTIVATION, INTEGRATED_GRADIENTS, OCCLUSION)
}
"""The methods by the name that they are asked for with."""
