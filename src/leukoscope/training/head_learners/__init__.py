"""What learns a head at once: each a file here and a line in ``LEARNERS``."""

from __future__ import annotations

from leukoscope.training.head_learners.forest import ForestLearner
from leukoscope.training.head_learners.learner import Learner
from leukoscope.training.head_learners.mlp import MlpLearner
from leukoscope.training.head_learners.prototypes import PrototypeLearner
from leukoscope.training.head_learners.svm import SvmLearner

LEARNERS: dict[str, type[Learner]] = {
    "svm": SvmLearner,
    "forest": ForestLearner,
    "mlp": MlpLearner,
    "prototypes": PrototypeLearner,
}

__all__ = ["LEARNERS", "Learner"]
