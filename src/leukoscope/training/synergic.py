"""The synergic loss: two branches, each before a cell of its own, are asked whether both cells are of one class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.models.cell_model import CellModel
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.network import Network
from leukoscope.models.synergy import Synergy
from leukoscope.randomness import generator
from leukoscope.recipes.schema import Recipe

HALF = 0.5


@dataclass(frozen=True)
class SynergicLoss:
    """Binary cross-entropy of what a ``Synergy`` says of pairs of cells, to be added to the loss of the classes.

    It is the sum over pairs of branches, as in Zhang et al. 2019, equation 5, of the mean over a batch's cells.

    Args:
        weight: What it is multiplied by, above 0.
        seed: Of the pairs.
    """

    weight: float
    seed: int

    def __call__(self, model: CellModel, features: Tensor, labels: Tensor, *, epoch: int, step: int) -> Tensor:
        """Return the weighted loss of a batch.

        Args:
            model: A joint model to which ``learn_synergy`` gave its synergic heads.
            features: (n, d) float32, what the model's ``embed`` made of the cells.
            labels: (n,) int64.
            epoch: Over all stages, 1 and on.
            step: Of the epoch, from 0.
        """
        assert isinstance(model.backbone, JointBackbone), "a recipe without branches is refused"
        assert isinstance(model.synergy, Synergy), "given by learn_synergy"
        known = labels.cpu().numpy()
        partners = [
            torch.from_numpy(partners_of(known, generator(self.seed, "synergic", epoch, step, *pair))).to(labels.device)
            for pair in model.synergy.pairs
        ]
        said = model.synergy(model.backbone.of_branches(features), partners)
        losses = [
            functional.binary_cross_entropy_with_logits(logits, (labels == labels[others]).to(logits.dtype))
            for logits, others in zip(said, partners, strict=True)
        ]
        return self.weight * torch.stack(losses).sum()


def partners_of(labels: npt.NDArray[np.int64], drawn: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw another cell for each cell of a batch: half of them of its own class, half of another.

    Zhang et al. keep the share of pairs of one class near a half, too. Where a batch has no such other cell, any other
    one is drawn; a cell that is alone is its own partner.

    Args:
        labels: (n,) int64.
        drawn: What draws.

    Returns:
        (n,) int64, places in the batch.
    """
    alike = drawn.random(len(labels)) < HALF
    picks = drawn.random(len(labels))
    return np.array([_partner(place, labels, bool(alike[place]), picks[place]) for place in range(len(labels))])


def _partner(place: int, labels: npt.NDArray[np.int64], alike: bool, pick: float) -> int:
    others = np.flatnonzero(np.arange(len(labels)) != place)
    wanted = others[(labels[others] == labels[place]) == alike]
    choice = wanted if len(wanted) else others if len(others) else np.array([place])
    return int(choice[int(pick * len(choice))])


def learn_synergy(model: Network, recipe: Recipe, seed: int) -> None:
    """Give a joint model its synergic heads where the recipe asks for the loss; they count as part of its head.

    They learn with the head and at its rate, go into the checkpoints, and are gone when the training is over
    (``forget_synergy``).

    Args:
        model: The network; changed in place.
        recipe: The recipe; its ``loss.synergic`` counts.
        seed: Seed of their weights.
    """
    if recipe.loss.synergic > 0 and isinstance(model, CellModel) and isinstance(model.backbone, JointBackbone):
        model.synergy = Synergy(model.backbone, seed)


def forget_synergy(model: Network) -> None:
    """Take a joint model's synergic heads away; whatever else it has stays as it is."""
    if isinstance(model, CellModel):
        model.synergy = None


def make_synergic(recipe: Recipe, seed: int) -> SynergicLoss | None:
    """Return the synergic loss that a recipe asks for; None where it asks for none."""
    return SynergicLoss(recipe.loss.synergic, seed) if recipe.loss.synergic > 0 else None
