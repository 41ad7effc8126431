"""The plain mean of the models' probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.ensembles.weighted import Weighted, equal_weights


class Average(Rule):
    """Every model weighs the same; nothing is fitted (Baldi & Cioffo 2021, "average")."""

    name: ClassVar[str] = "average"
    title: ClassVar[str] = "average"
    about: ClassVar[str] = "The mean of the models' probabilities: each weighs the same, and nothing is fitted."

    @property
    def learns(self) -> bool:
        """Nothing is learnt."""
        return False

    def fit(self, rows: Rows, *, seed: int) -> Weighted:
        """Return equal weights.

        Args:
            rows: Only the models' names are taken of them.
            seed: Not needed.
        """
        del seed
        return Weighted(rows.members, tuple(equal_weights(len(rows.members)).tolist()))

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> Weighted:
        """Return the weights again; arguments and errors as of ``Rule.restored``."""
        del classes
        return Weighted.from_json(value, members)
