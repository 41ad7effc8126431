"""What every rule keeps to: settings that can be fitted, and a fitted rule that makes one answer of several."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Protocol

from leukoscope.ensembles.rows import Floats, Rows
from leukoscope.recipes.schema import Settings


class Fitted(Protocol):
    """A rule that is ready: it makes one answer a row of what several models say."""

    def combine(self, probabilities: Floats) -> Floats:
        """Return the common probabilities, (n, k) float64, of (m, n, k) of the models, in the order of the fit."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Return what was fitted as plain JSON values.

        A rule that weighs its models has ``weights`` there, from name to weight; others need not.
        """
        ...


class Rule(Settings):
    """A rule's settings; subclasses name themselves, declare fields, and say how they are fitted.

    Attributes:
        name: As recipes and ``--rule`` write it.
        title: For tables and figures.
        about: What it does, in plain words, for the page.
        learns: Whether it learns anything from the validation part; what it says of that part is out of fold then.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    learns: ClassVar[bool] = True

    @abstractmethod
    def fit(self, rows: Rows, *, seed: int) -> Fitted:
        """Fit the rule.

        Args:
            rows: Rows of the validation part; never of the test part.
            seed: Of whatever is drawn.
        """
