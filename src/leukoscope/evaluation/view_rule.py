"""When enough views of a cell have been looked at: the rule of adaptive test-time augmentation.

After 1, 2, 3, 4, 6, ... views, what all views will say of a cell is guessed: the mean of its logits so far, and a shift
that is the same for all cells, since networks answer otherwise to exact quarter turns than to interpolated angles. A
cell whose guess lies further from the threshold than a margin is decided; only the others are looked at further. Shifts
and margins, one a step, are fixed on validation cells, whose views are all known: decided early, none of these may be
called otherwise than by all views.

Where validation cells are few, that none of them changes says little of others. So each margin is also as wide as the
changes that are to be expected ask for: a cell at distance d from the threshold changes where the missing views move
its guess by more than d across it, and how far they move a guess is known from all validation cells, whatever their own
distance. The expected share of changes is that among all pairs of one cell's distance and another one's movement.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.evaluation.units import Floats

EXPECTED = 0.002
"""The share of decisions that may be expected to change, over all steps."""
ROUNDING = 1e-3
"""Added to each margin, in logits: float32, and other batches, give a cell at the margin a slightly other logit."""


@dataclass(frozen=True)
class ViewRule:
    """After how many views which cells are decided.

    Args:
        after: Numbers of views, rising, each 1 or more and less than there are.
        shifts: For each of them: what is added to a cell's mean logit so far.
        margins: For each of them: how far from the threshold that must lie, in logits, 0 or more.

    Raises:
        SettingsError: the numbers do not rise, or there is not one finite shift and one finite margin, not negative,
            for each.
    """

    after: tuple[int, ...] = ()
    shifts: tuple[float, ...] = ()
    margins: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        rising = all(one < other for one, other in itertools.pairwise((0, *self.after)))
        real = all(map(math.isfinite, (*self.shifts, *self.margins))) and min(self.margins, default=0) >= 0
        if not (rising and real and len(self.after) == len(self.shifts) == len(self.margins)):
            raise SettingsError(
                "A rule for views needs rising numbers of views, and for each a shift and a margin in logits that is "
                f"not negative; found {list(self.after)}, {list(self.shifts)} and {list(self.margins)}."
            )

    def steps(self, views: int) -> Iterator[tuple[int, int, float, float]]:
        """Give first view, last view (not included), shift and margin of each step; the last decides by all views.

        Args:
            views: How many there are.

        Example:
            >>> list(ViewRule((1, 2), (-0.2, 0.1), (1.5, 0.5)).steps(8))
            [(0, 1, -0.2, 1.5), (1, 2, 0.1, 0.5), (2, 8, 0.0, -1.0)]
        """
        ends = (*self.after, views)
        yield from zip((0, *self.after), ends, (*self.shifts, 0.0), (*self.margins, -1.0), strict=True)

    def as_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {"after": list(self.after), "shifts": list(self.shifts), "margins": list(self.margins)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ViewRule:
        """Make a rule from what ``as_json`` returned.

        Raises:
            SettingsError: it is none.
            KeyError: something is missing.
        """
        shifts, margins = (tuple(map(float, value[name])) for name in ("shifts", "margins"))
        return cls(tuple(map(int, value["after"])), shifts, margins)


def steps_before(views: int) -> list[int]:
    """Return after how many views it is asked whether a cell is decided: 1, 2, 3, 4, 6, 8, 12, ..., less than all.

    Example:
        >>> steps_before(8)
        [1, 2, 3, 4, 6]
    """
    doubled = ({2**power, 3 * 2**power} for power in range(views.bit_length()))
    return sorted(step for step in set().union(*doubled) if step < views)


def fit_view_rule(
    so_far: Sequence[Floats], final: Floats, after: Sequence[int], level: float, *, expected: float = EXPECTED
) -> ViewRule:
    """Fix shifts and margins on validation cells.

    Args:
        so_far: For each number of views in ``after``, the cells' mean logits so far, (n,).
        final: The cells' mean logits over all views, (n,).
        after: Numbers of views, rising.
        level: The threshold's logit.
        expected: The share of decisions that may be expected to change, over all steps, 0 to 1.

    Returns:
        A rule by which no validation cell is called otherwise than by all views.

    Example:
        >>> import numpy as np
        >>> after_one, after_all = np.array([-3.0, 0.5, 1.0, 4.0]), np.array([-3.5, -0.5, 2.0, 4.0])
        >>> fit_view_rule([after_one], after_all, [1], 0.0)  # -3 was rightly decided, 0.5 was not
        ViewRule(after=(1,), shifts=(-0.125,), margins=(0.376,))
    """
    share = expected / max(len(after), 1)
    shifts = tuple(float((final - means).mean()) for means in so_far)
    guesses = (means + shift for means, shift in zip(so_far, shifts, strict=True))
    return ViewRule(tuple(after), shifts, tuple(_margin(guess, final, level, share) for guess in guesses))


def _margin(guesses: Floats, final: Floats, level: float, share: float) -> float:
    """Return the smallest margin with which no cell changes, and no more than a share may be expected to."""
    distances, above = np.abs(guesses - level), guesses >= level
    seen = float(distances[above != (final >= level)].max(initial=0.0))
    movements = np.sort(final - guesses)
    falls = np.searchsorted(movements, -distances, side="left")
    rises = len(movements) - np.searchsorted(movements, distances, side="right")
    # From the furthest cell to the nearest: what share changes where all cells so far are decided.
    order = np.argsort(-distances, kind="stable")
    changes = np.cumsum(np.where(above, falls, rises)[order]) / len(movements) ** 2
    return max(seen, float(distances[order][changes > share].max(initial=0.0))) + ROUNDING
