"""How alike two models err: disagreement, double fault, Yule's Q, Cohen's kappa."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from leukoscope.evaluation.scoring import Resampling
from leukoscope.mistakes.judging import Flags, Ints, Judged
from leukoscope.mistakes.rates import share_of

NO_Q = "no cell tells: {}"
NO_KAPPA = "both call every cell the same one class"


@dataclass(frozen=True)
class Together:
    """How often two models are right and wrong together.

    Args:
        both_right: Cells that both get right.
        only_first: Cells that only the first gets right.
        only_second: Cells that only the second gets right.
        both_wrong: Cells that both miss.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int

    @classmethod
    def of(cls, first: Flags, second: Flags) -> Together:
        """Count.

        Args:
            first: Whether the first model is wrong on each cell, (n,).
            second: The same of the second.
        """
        return cls(
            int((~first & ~second).sum()),
            int((~first & second).sum()),
            int((first & ~second).sum()),
            int((first & second).sum()),
        )

    @property
    def disagreement(self) -> float:
        """Share of the cells that exactly one gets right, 0 to 1 (Skalak 1996; Kuncheva & Whitaker 2003, eq. 9)."""
        return (self.only_first + self.only_second) / self._cells

    @property
    def double_fault(self) -> float:
        """Share of the cells that both miss, 0 to 1 (Giacinto & Roli 2001; Kuncheva & Whitaker 2003, eq. 10)."""
        return self.both_wrong / self._cells

    @property
    def yule_q(self) -> float | None:
        """Yule's Q of being right, -1 to 1 (Yule 1900; Kuncheva & Whitaker 2003, Machine Learning 51:181, eq. 7).

        0 of independent models, 1 where one's errors lie among the other's, -1 where they never miss the same cell;
        None where both products are 0.
        """
        together, apart = self.both_right * self.both_wrong, self.only_first * self.only_second
        return (together - apart) / (together + apart) if together + apart else None

    @property
    def _cells(self) -> int:
        return self.both_right + self.only_first + self.only_second + self.both_wrong


def kappa(first: Ints, second: Ints, classes: int) -> float | None:
    """Return Cohen's kappa of two models' calls, -1 to 1: agreement beyond what their shares of each class would give.

    Cohen 1960, Educational and Psychological Measurement 20:37.

    Args:
        first: The first model's calls, (n,), 0 to ``classes`` - 1.
        second: The second's.
        classes: The number of classes.

    Returns:
        None where both call every cell the same one class: nothing is left beyond chance.

    Example:
        >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
        0.5
    """
    table = np.zeros((classes, classes))
    np.add.at(table, (first, second), 1)
    shares = table / table.sum()
    expected = float(shares.sum(axis=1) @ shares.sum(axis=0))
    if np.count_nonzero(np.bincount(np.concatenate([first, second]))) == 1:
        return None
    return (float(np.trace(shares)) - expected) / (1 - expected)


def pair_table(judged: Judged, how: Resampling) -> pl.DataFrame:
    """Return agreement and diversity of every two models.

    Args:
        judged: m models.
        how: How the intervals of the shares are made, clustered by patient. Q and kappa get none: both are as unsure
            as the few cells on which the models differ.

    Returns:
        See ``SCHEMA``; no row of a single model.
    """
    rows = [_row(judged, one, other, how) for one, other in combinations(range(len(judged.names)), 2)]
    return pl.DataFrame(rows, schema=SCHEMA)


SCHEMA: dict[str, Any] = {
    "first": pl.String(),
    "second": pl.String(),
    **dict.fromkeys(("both_right", "only_first_right", "only_second_right", "both_wrong"), pl.Int64()),
    **dict.fromkeys(("disagreement", "disagreement_low", "disagreement_high"), pl.Float64()),
    **dict.fromkeys(("double_fault", "double_fault_low", "double_fault_high"), pl.Float64()),
    "no_interval": pl.String(),
    "yule_q": pl.Float64(),
    "no_yule_q": pl.String(),
    "kappa": pl.Float64(),
    "no_kappa": pl.String(),
}
"""The columns of ``pairs.csv``: counts of cells, shares with their intervals, and why a number is null."""


def _row(judged: Judged, one: int, other: int, how: Resampling) -> dict[str, Any]:
    first, second = judged.wrong[one], judged.wrong[other]
    found = Together.of(first, second)
    agreement = kappa(judged.calls[one], judged.calls[other], len(judged.classes))
    apart, fault = share_of(first != second, judged, how), share_of(first & second, judged, how)
    return {
        "first": judged.names[one],
        "second": judged.names[other],
        "both_right": found.both_right,
        "only_first_right": found.only_first,
        "only_second_right": found.only_second,
        "both_wrong": found.both_wrong,
        "disagreement": found.disagreement,
        "disagreement_low": apart.low,
        "disagreement_high": apart.high,
        "double_fault": found.double_fault,
        "double_fault_low": fault.low,
        "double_fault_high": fault.high,
        "no_interval": apart.reason or fault.reason,
        "yule_q": found.yule_q,
        "no_yule_q": _why_no_q(found) if found.yule_q is None else None,
        "kappa": agreement,
        "no_kappa": NO_KAPPA if agreement is None else None,
    }


def _why_no_q(found: Together) -> str:
    lacking = "both miss none" if not found.both_wrong else "both get none right"
    better = "the first" if not found.only_first else "the second"
    return NO_Q.format(f"{lacking}, and {better} alone gets none right")
