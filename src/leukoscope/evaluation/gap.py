"""The difference between two scores that were measured apart, each with its own interval."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A score with its interval.

    Args:
        value: The score.
        low: The lower bound; None where there is no interval.
        high: The upper bound.
    """

    value: float
    low: float | None = None
    high: float | None = None


def difference(first: Measured, second: Measured) -> Measured:
    """Return the first score less the second, with an interval recovered from both of theirs.

    The method of variance estimates recovery (MOVER; Zou & Donner 2008, Statistics in Medicine 27:1693-1702, equation
    1): each bound lies as far from the difference as the bounds of the two scores on those sides do together. It takes
    the two for independent. Where both were measured on patients of one set they are not quite: a difference between
    patients that both have in common makes the interval too wide rather than too narrow.

    Args:
        first: A score.
        second: Another, of the same kind.

    Example:
        >>> found = difference(Measured(0.9, 0.8, 0.95), Measured(0.7, 0.6, 0.8))
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (0.2, 0.059, 0.312)
    """
    value = first.value - second.value
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Measured(value)
    return Measured(
        value,
        value - math.hypot(first.value - first.low, second.high - second.value),
        value + math.hypot(first.high - first.value, second.value - second.low),
    )
