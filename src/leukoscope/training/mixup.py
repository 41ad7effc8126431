"""Mixing of cells: a batch's cells, each laid over another of the same batch, and what of the loss is whose."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.randomness import generator


@dataclass(frozen=True, eq=False)
class Mixed:
    """A batch of mixed cells.

    Args:
        given: (n, 3, h, w), in the dtype of what was mixed.
        partners: (n,) int64, the place in the batch of the cell that was laid over each.
        share: How much of each is its own, 0 to 1; the rest is its partner's.
    """

    given: Tensor
    partners: Tensor
    share: float


def mix(given: Tensor, alpha: float, *, seed: int, epoch: int, step: int) -> Mixed:
    """Mix the cells of a batch (mixup: Zhang et al. 2018, ICLR, section 2).

    ``share * x_i + (1 - share) * x_j`` with one share a batch, drawn from Beta(alpha, alpha), and j a permutation of
    the batch. The loss is mixed likewise: ``share * loss(y_i) + (1 - share) * loss(y_j)``.

    Args:
        given: (n, 3, h, w) float32.
        alpha: Above 0; the larger, the more even the mixtures.
        seed: The run's.
        epoch: Over all stages, 1 and on.
        step: Of the epoch, from 0.
    """
    drawn = generator(seed, "mixup", epoch, step)
    share = float(drawn.beta(alpha, alpha))
    partners = torch.from_numpy(drawn.permutation(len(given))).to(given.device)
    return Mixed(share * given + (1 - share) * given[partners], partners, share)
