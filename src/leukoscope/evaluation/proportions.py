"""Shares of patients with their exact intervals."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Proportion:
    """A share of patients, each counted once, with its exact interval.

    The interval is that of Clopper & Pearson (1934, Biometrika 26:404): it holds at least its level, whatever the share
    and however few the patients. It takes patients as independent, so it suits one row a patient and never cells.

    Args:
        count: Of how many it is so.
        total: Of how many it was asked.
        low: The interval's lower bound; None where nobody was asked.
        high: Its upper bound.

    Example:
        >>> print(proportion(9, 10))
        0.900 (0.555 to 0.997), 9 of 10
        >>> print(proportion(0, 0))
        n/a, 0 of 0
    """

    count: int
    total: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None where nobody was asked."""
        return self.count / self.total if self.total else None

    def __str__(self) -> str:
        asked = f"{self.count:,} of {self.total:,}"
        if self.value is None:
            return f"n/a, {asked}"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}), {asked}"


def proportion(count: int, total: int, level: float = 0.95) -> Proportion:
    """Return a share with its interval.

    Args:
        count: Of how many it is so, 0 to ``total``.
        total: Of how many it was asked, 0 or more.
        level: The coverage of the interval, 0 to 1.
    """
    if not total:
        return Proportion(count, total, None, None)
    found = stats.binomtest(count, total).proportion_ci(level, method="exact")
    return Proportion(count, total, float(found.low), float(found.high))
