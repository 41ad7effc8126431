"""How many instances of a bag an aggregator of the highest takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.options import positive, whole

USUAL = 10
# So that 0.1 of 30, which floats make 3.0000000000000004, is 3 and not 4.
ROUNDING = 1e-9


@dataclass(frozen=True)
class HowMany:
    """So many instances, or a share of the bag; never more than there are.

    Args:
        k: So many.
        share: Instead of ``k``: of n instances the highest ``max(at_least, ceil(share * n))``.
        at_least: The fewest where a share is taken.
        train: So many in training mode; as in evaluation where not given.

    Example:
        >>> HowMany(None, 0.1, 2, None).of(30, training=False), HowMany(5, None, 1, 1).of(3, training=True)
        (3, 1)
    """

    k: int | None
    share: float | None
    at_least: int
    train: int | None

    def of(self, size: int, *, training: bool) -> int:
        """Return how many of so many instances are taken, 1 to ``size``."""
        if training and self.train is not None:
            return min(self.train, size)
        if self.share is None:
            return min(self.k or USUAL, size)
        return min(max(self.at_least, math.ceil(self.share * size - ROUNDING)), size)


def how_many(owner: str, k: object, share: object, at_least: object, k_train: object) -> HowMany:
    """Check the options that say how many.

    Args:
        owner: The aggregator's name in recipes.
        k: A whole number of 1 or more, or None; 10 where there is neither ``k`` nor ``share``.
        share: A number above 0, at most 1, or None.
        at_least: A whole number of 1 or more, or None for 1; goes with ``share``.
        k_train: A whole number of 1 or more, or None.

    Raises:
        SettingsError: one of them is wrong, or two that do not go together are given.
    """
    where = f"bag.aggregator.{owner}"
    if k is not None and share is not None:
        raise SettingsError(f"{owner} takes k or share, not both.", where=where, do="Leave one of them out.")
    if at_least is not None and share is None:
        raise SettingsError(f"at_least of {owner} goes with share.", where=where, do="Give share, or leave it out.")
    return HowMany(
        k=None if share is not None else whole(owner, "k", USUAL if k is None else k),
        share=None if share is None else positive(owner, "share", share, most=1),
        at_least=whole(owner, "at_least", 1 if at_least is None else at_least),
        train=None if k_train is None else whole(owner, "k_train", k_train),
    )
