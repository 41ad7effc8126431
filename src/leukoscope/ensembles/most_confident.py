"""The answer of whoever is surest (Liu & Long 2019)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import polars as pl
from pydantic import Field

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats, Ints, Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.errors import DataError, LeukoscopeWarning
from leukoscope.evaluation.calibrators import Calibrator, fit_calibrator
from leukoscope.predictions.table import Predictions, probability_column


@dataclass(frozen=True)
class SurestModel:
    """Of each row the probabilities of the model that is surest of it.

    Args:
        members: The models' m names.
        classes: The k classes.
        calibrators: What is done to each model's probabilities first, in their order; None for nothing.
        decided: Of the rows that it was fitted on, the share that each model decided, in their order.

    Example:
        >>> both = SurestModel(("a", "b"), Classes(("hem", "all")))
        >>> both.combine(np.array([[[0.6, 0.4], [0.2, 0.8]], [[0.1, 0.9], [0.3, 0.7]]]))
        array([[0.1, 0.9],
               [0.2, 0.8]])
    """

    members: tuple[str, ...]
    classes: Classes
    calibrators: tuple[Calibrator, ...] | None = None
    decided: tuple[float, ...] = ()

    def combine(self, probabilities: Floats) -> Floats:
        """Return the surest model's probabilities, (n, k), of (m, n, k); of equally sure models those of the first."""
        said = self.calibrated(probabilities)
        return np.asarray(said[surest(said), np.arange(said.shape[1])])

    def as_json(self) -> dict[str, Any]:
        """Return the calibrators by the models' names (null for none), and who decided how often."""
        fitted = self.calibrators and {
            name: calibrator.as_json() for name, calibrator in zip(self.members, self.calibrators, strict=True)
        }
        return {"calibrators": fitted, "decided": dict(zip(self.members, self.decided, strict=False))}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], members: Sequence[str], classes: Classes) -> Self:
        """Make the fitted rule from what ``as_json`` returned.

        Args:
            value: What ``as_json`` returned.
            members: The models' names, in the order of the fit.
            classes: The classes.

        Raises:
            DataError: a calibrator is none, or it is of other models.
        """
        kept, decided = value.get("calibrators"), value.get("decided") or {}
        for found in (kept, decided or None):
            if found is not None and (not isinstance(found, Mapping) or sorted(found) != sorted(members)):
                named = ", ".join(found) if isinstance(found, Mapping) else "none"
                raise DataError(f"The surest of {', '.join(members)} is asked for; found: {named}.")
        fitted = None if kept is None else tuple(Calibrator.from_json(kept[name]) for name in members)
        return cls(tuple(members), classes, fitted, tuple(float(decided[name]) for name in members if decided))

    def calibrated(self, probabilities: Floats) -> Floats:
        """Return the models' probabilities as they are compared, (m, n, k), of (m, n, k) as the models say them."""
        if self.calibrators is None:
            return probabilities
        pairs = zip(self.calibrators, probabilities, strict=True)
        return np.stack([one.apply(_table(said, self.classes)).probabilities() for one, said in pairs])


class MostConfident(Rule):
    """Of each row what the model says whose highest probability is the highest of all.

    Liu & Long 2019 ("Acute lymphoblastic leukemia cells image analysis with deep bagging ensemble learning", bioRxiv
    580852) call the label of the highest probability of all their models. Of equally sure models the first one counts.

    Its flaw: the highest of several is higher than any of them is right, and a model that is too sure decides alone.
    With ``calibrate`` each model's probabilities are calibrated on validation before they are compared; for more than
    two classes ``platt`` is a temperature, and ``isotonic`` is refused.
    """

    name: ClassVar[str] = "most_confident"
    title: ClassVar[str] = "most confident"
    about: ClassVar[str] = (
        "What the surest model says: of each row the probabilities of the model whose highest probability is the "
        "highest of all. A model that is too sure of itself decides most, right or wrong."
    )

    calibrate: Literal["none", "platt", "isotonic"] = Field(
        "none", description="How each model's probabilities are calibrated on validation before they are compared."
    )

    @property
    def learns(self) -> bool:
        """Whether the models are calibrated on validation; else nothing is learnt."""
        return self.calibrate != "none"

    def fit(self, rows: Rows, *, seed: int) -> SurestModel:
        """Calibrate the models where that is asked for, and count who decides.

        Args:
            rows: Rows of the validation part.
            seed: Not needed.

        Raises:
            SettingsError: isotonic steps for more than two classes.
            DataError: there is a calibration, and a class has no row.
        """
        del seed
        fitted = None
        if self.learns:
            fitted = tuple(_calibrator(said, rows, self.calibrate) for said in rows.probabilities)
        ready = SurestModel(rows.members, rows.classes, fitted)
        who = surest(ready.calibrated(rows.probabilities))
        decided = np.bincount(who, minlength=len(rows.members)) / len(who)
        return SurestModel(rows.members, rows.classes, fitted, tuple(decided.tolist()))

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> SurestModel:
        """Return the calibrated models again; arguments and errors as of ``Rule.restored``."""
        return SurestModel.from_json(value, members, classes)


def surest(probabilities: Floats) -> Ints:
    """Return the place of the model that is surest of each row, (n,), of (m, n, k); of equals the first."""
    return np.asarray(probabilities.max(axis=2).argmax(axis=0))


def _calibrator(said: Floats, rows: Rows, kind: str) -> Calibrator:
    labels = pl.Series("label", [rows.classes.names[place] for place in rows.truth.tolist()])
    known = _table(said, rows.classes, labels)
    with warnings.catch_warnings():
        # What it would say stands in the calibrator's notes.
        warnings.simplefilter("ignore", LeukoscopeWarning)
        return fit_calibrator(known, kind)


def _table(said: Floats, classes: Classes, *further: pl.Series) -> Predictions:
    columns = [pl.Series(probability_column(name), said[:, place]) for place, name in enumerate(classes.names)]
    ids = pl.Series("id", [str(place) for place in range(len(said))], dtype=pl.String)
    return Predictions(pl.DataFrame([ids, *columns, *further]), classes)
