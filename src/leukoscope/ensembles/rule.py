"""What every rule keeps to: settings that can be fitted, and a fitted rule that makes one answer of several."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from leukoscope.cohort.classes import Classes
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
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]

    @property
    def learns(self) -> bool:
        """Whether it learns anything from the validation part; what it says of that part is out of fold then."""
        return True

    @abstractmethod
    def fit(self, rows: Rows, *, seed: int) -> Fitted:
        """Fit the rule.

        Args:
            rows: Rows of the validation part; never of the test part.
            seed: Of whatever is drawn.
        """

    @classmethod
    @abstractmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> Fitted:
        """Make the fitted rule again of what its ``as_json`` returned, as a bundle of several models holds it.

        Args:
            value: What was fitted, as JSON values.
            members: The models' names, in the order of the fit.
            classes: The classes, in the order of the probabilities.

        Raises:
            DataError: the value is none of this rule, or of other models.
        """
