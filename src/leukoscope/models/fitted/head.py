"""A head that is fitted at once: inputs, scores, and the line that makes logits of probabilities of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from leukoscope.models.fitted.forest import ForestScores
from leukoscope.models.fitted.inputs import HeadInputs
from leukoscope.models.fitted.mlp import MlpScores
from leukoscope.models.fitted.prototypes import PrototypeScores
from leukoscope.models.fitted.room import Shapes, length_of, numbers, shapes_within
from leukoscope.models.fitted.svm import SvmScores
from leukoscope.models.measures import chosen_measures
from leukoscope.recipes.schema import ModelSettings

Scores = SvmScores | ForestScores | MlpScores | PrototypeScores
SCORES: dict[str, type[SvmScores] | type[ForestScores] | type[MlpScores] | type[PrototypeScores]] = {
    "svm": SvmScores,
    "forest": ForestScores,
    "mlp": MlpScores,
    "prototypes": PrototypeScores,
}
ROWS = 512
"""So many cells at once: a cell is compared with each support vector, and walks down each tree."""


class FittedHead(nn.Module):
    """From a cell's features to logits, by what was fitted at once (``training.fitted_heads``).

    It computes in float64, whatever it is given, so that what the fit found is what it says. Its tensors' lengths
    (support vectors, nodes, components) come of the fit: a head is built with next to none, and ``make_room`` gives it
    those of stored tensors.

    Args:
        inputs: From a cell's features to z, which the scores see.
        scores: From z to one number a logit; not yet probabilities.

    Attributes:
        slope: (1,) float64, what all scores are multiplied by.
        bias: (outputs,) float64, what is added then: the logits, 1 for two classes, else one a class. Probabilities can
            be read off them, at the prevalence that the weights of the cells made (``training.head_line``).
    """

    def __init__(self, inputs: HeadInputs, scores: Scores) -> None:
        super().__init__()
        self.inputs, self.scores = inputs, scores
        self.slope, self.bias = numbers(1), numbers(scores.outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Return logits, (n, outputs), of (n, features), in the dtype of these."""
        logits = [self.slope * self.scores(self.inputs(some)) + self.bias for some in torch.split(features, ROWS)]
        return torch.cat(logits).to(features.dtype)

    def make_room(self, shapes: Shapes) -> None:
        """Give the head room for tensors of these shapes, by their names within it; it must be filled then.

        Args:
            shapes: Of all stored tensors. Lengths that come of no fit (features, outputs) stay as they were.
        """
        own, within = self.inputs, shapes_within(shapes, "scores")
        components = None if own.components is None else length_of(shapes, "inputs.components")
        self.inputs = HeadInputs(len(own.mean), own.pooled, components)
        self.scores = type(self.scores).with_room(self.inputs.width, self.scores.outputs, within)


def make_fitted_head(features: int, outputs: int, settings: ModelSettings) -> FittedHead:
    """Make a head that is still to be fitted: it says the same of every cell.

    Args:
        features: Length of a cell's features, named measures counted.
        outputs: Number of logits.
        settings: Its ``head``, ``pca`` and ``measures`` count here.

    Raises:
        SettingsError: there is no such measure.
    """
    pooled = features - len(chosen_measures(settings.measures))
    inputs = HeadInputs(features, pooled, None if settings.pca is None else 1)
    return FittedHead(inputs, SCORES[settings.head](inputs.width, outputs))
