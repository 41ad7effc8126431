"""Heads that are fitted at once and are no line: support vectors, trees, dense layers, all of them plain tensors."""

from leukoscope.models.fitted.forest import ForestScores
from leukoscope.models.fitted.head import FittedHead, Scores, make_fitted_head
from leukoscope.models.fitted.inputs import HeadInputs
from leukoscope.models.fitted.mlp import MlpScores
from leukoscope.models.fitted.prototypes import PrototypeScores
from leukoscope.models.fitted.room import filled, shapes_within
from leukoscope.models.fitted.svm import SvmScores

__all__ = [
    "FittedHead",
    "ForestScores",
    "HeadInputs",
    "MlpScores",
    "PrototypeScores",
    "Scores",
    "SvmScores",
    "filled",
    "make_fitted_head",
    "shapes_within",
]
