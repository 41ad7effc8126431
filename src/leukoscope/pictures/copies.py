"""Changed copies of cells: which cells of a training are copies, and the random changes that they have of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from leukoscope.pictures.augmentation import Augmentation, Parameters
from leukoscope.randomness import integer

Integers = npt.NDArray[np.int64]
Drawn = list[tuple[Integers, Parameters]]
"""Random changes of some cells: places among them, and what was drawn for those."""


@dataclass(frozen=True, eq=False)
class Copies:
    """Which of n cells are changed copies, and how they are changed.

    Args:
        changed: (n,) bool, whether a cell is a copy.
        changes: The ways to change a copy; each copy has one of them, drawn for it with even odds.
        redrawn: Whether way and change are drawn anew with each epoch; else they are the same in all.
        model: Number of the model that learns from them: of one cell, several models have different copies.
    """

    changed: npt.NDArray[np.bool_]
    changes: tuple[Augmentation, ...]
    redrawn: bool = False
    model: int = 0

    def subset(self, index: Integers) -> Copies:
        """Return the same of the cells at these places, in this order.

        Args:
            index: (m,) int64.
        """
        return replace(self, changed=self.changed[index])

    def draw(self, seed: int, epoch: int, ids: list[str]) -> Drawn:
        """Draw the changes of copies; a copy's depend on the arguments, the model's number and its own id.

        Args:
            seed: The run's.
            epoch: From 0; it does not count where the copies are fixed.
            ids: The m copies' names.

        Returns:
            Places from 0 to below m, each once, with their changes.
        """
        own, number = integer(seed, "copies", self.model), epoch if self.redrawn else 0
        ways = np.array([integer(own, "way", number, name) % len(self.changes) for name in ids], dtype=np.int64)
        drawn: Drawn = []
        for way in np.unique(ways).tolist():
            places = np.flatnonzero(ways == way)
            drawn.append((places, self.changes[way].draw(own, number, [ids[place] for place in places])))
        return drawn


def drawn_changes(
    augmentation: Augmentation, copies: Copies | None, index: Integers, ids: list[str], *, seed: int, epoch: int
) -> Drawn:
    """Draw the random changes of a batch: of cells the recipe's, of copies their own in place of these.

    Args:
        augmentation: The recipe's.
        copies: Which of all cells are copies; None: none is.
        index: (b,) int64, places of the batch among all cells.
        ids: The b names.
        seed: The run's.
        epoch: From 0.

    Returns:
        Places from 0 to below b, each once, with their changes.
    """
    if copies is None:
        return [(np.arange(len(index)), augmentation.draw(seed, epoch, ids))]
    own, changed = np.flatnonzero(~copies.changed[index]), np.flatnonzero(copies.changed[index])
    of_copies = copies.draw(seed, epoch, [ids[place] for place in changed])
    drawn = [(own, augmentation.draw(seed, epoch, [ids[place] for place in own]))] if len(own) else []
    return drawn + [(changed[places], parameters) for places, parameters in of_copies]
