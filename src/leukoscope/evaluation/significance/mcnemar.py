"""Two models call the same patients: which of them is right where the other is wrong?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from leukoscope.errors import DataError, counted
from leukoscope.evaluation.significance.alternatives import Alternative, check_alternative, p_of_tails, sidedness

Flags = Sequence[bool] | npt.NDArray[np.bool_]
SAME = "Give one true or false for each patient, in the same order for both models."


@dataclass(frozen=True)
class McNemar:
    """Two models' right and wrong calls of the same rows.

    Args:
        both: Rows that both models call rightly.
        first_only: Rows that only the first calls rightly.
        second_only: Rows that only the second calls rightly.
        neither: Rows that both call wrongly.
        difference: The first's accuracy less the second's, -1 to 1.
        p: The exact probability of rows so unevenly shared where both models are equally often right, 0 to 1.
        alternative: The question: ``two-sided``, ``greater`` (the first is right more often) or ``less``.
        smallest_p: The smallest p that this many rows on which the models differ can reach.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    difference: float
    p: float
    alternative: Alternative
    smallest_p: float

    @property
    def number(self) -> int:
        """How many rows were compared."""
        return self.both + self.differing + self.neither

    @property
    def differing(self) -> int:
        """On how many rows one model is right and the other wrong; only these tell them apart."""
        return self.first_only + self.second_only


def mcnemar(first_right: Flags, second_right: Flags, *, alternative: Alternative = "two-sided") -> McNemar:
    """Ask whether one of two models calls the same patients rightly more often.

    McNemar (1947, Psychometrika 12:153) in its exact form: of the rows on which one model is right and the other wrong,
    the number that only the first has right is binomial with one half. The exact form keeps its promise with however
    few patients, which neither the chi-squared one nor the mid-p does; so it is the only one offered.

    Rows must be independent: one row a patient. On cells p is too small, since cells of one patient are alike; use
    :func:`leukoscope.evaluation.paired.compare_pair` there, which resamples patients.

    Args:
        first_right: Whether the first model calls each row rightly, (n,) bool.
        second_right: Whether the second does, (n,) bool, in the same order.
        alternative: ``two-sided``, ``greater`` (the first is right more often) or ``less``.

    Returns:
        The four counts and p; p is 1 where the models never differ.

    Raises:
        DataError: no rows, unequal numbers of rows, or anything but true and false (1 and 0).
        SettingsError: an unknown alternative.

    Example:
        >>> found = mcnemar([True] * 7 + [False] * 3, [True] + [False] * 9)
        >>> found.first_only, found.second_only, found.p, found.smallest_p
        (6, 0, 0.03125, 0.03125)
    """
    check_alternative(alternative)
    one, other = _flags(first_right, "first"), _flags(second_right, "second")
    if len(one) != len(other) or not len(one):
        raise DataError(
            f"The first model has {counted(len(one), 'row')} and the second {len(other):,}: they cannot be compared.",
            do=SAME,
        )
    won, lost = int((one & ~other).sum()), int((other & ~one).sum())
    tails = float(stats.binom.cdf(won, won + lost, 0.5)), float(stats.binom.cdf(lost, won + lost, 0.5))
    return McNemar(
        both=int((one & other).sum()),
        first_only=won,
        second_only=lost,
        neither=int((~one & ~other).sum()),
        difference=(won - lost) / len(one),
        p=p_of_tails(*tails, alternative),
        alternative=alternative,
        smallest_p=min(1.0, sidedness(alternative) / 2 ** (won + lost)),
    )


def _flags(right: Flags, name: str) -> npt.NDArray[np.bool_]:
    given = np.asarray(right).reshape(-1)
    if not np.isin(given, (0, 1)).all():
        raise DataError(f"The {name} model's rows must each be right or wrong, true or false.", do=SAME)
    return given.astype(np.bool_)
