"""The conformal band: sets of classes that hold a patient's true one as often as promised.

Split-conformal prediction (Papadopoulos et al. 2002, ECML; Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a
Random World; Angelopoulos & Bates 2021, arXiv 2107.07511). The nonconformity of a patient with a class is 1 less the
class's probability. Of n validation patients of the class, the ceil((n + 1) coverage)-th smallest nonconformity is the
class's limit, and a class is in a patient's set where its nonconformity is within its limit. A new patient who is
exchangeable with those n then has their class in the set with at least the promised probability, whatever the model.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import stats

from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError, counted, nearest
from leukoscope.evaluation.calling import places
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.predictions.table import Predictions

By = Literal["class", "all"]
ROUNDING = 1e-9  # (n + 1) * 0.9 may be 27.000000000000004


@dataclass(frozen=True)
class Band:
    """A fitted band.

    Args:
        coverage: The promised share of patients whose class lies in their set, 0 to 1.
        by: ``class``: promised within each class (Mondrian); ``all``: over all patients together, so that a rare class
            may be missed more often.
        limits: The largest nonconformity that a class is allowed, 0 to 1, by class; None where there are too few
            patients for the promise, so that the class is in every set.
        patients: Validation patients that each limit rests on, by class.
        notes: What a reader must know, a sentence each.
    """

    coverage: float
    by: By
    limits: dict[str, float | None]
    patients: dict[str, int]
    notes: tuple[str, ...] = ()

    def sets(self, predictions: Predictions) -> npt.NDArray[np.bool_]:
        """Return which classes are in each patient's set, (n, k); a row may have several, or none.

        Args:
            predictions: n patients with probabilities, calibrated as those that the band was fitted on.

        Raises:
            DataError: rows that are cells, no probabilities, or other classes.
        """
        _refuse_unfit(predictions)
        if tuple(self.limits) != predictions.classes.names:
            raise DataError(
                f"These predictions are of {', '.join(predictions.classes.names)}; "
                f"the band was fitted for {', '.join(self.limits)}."
            )
        limits = np.array([1.0 if limit is None else limit for limit in self.limits.values()])
        return np.asarray(1 - predictions.probabilities() <= limits)

    @property
    def reachable(self) -> dict[str, float]:
        """The largest coverage that can be promised with a limit of its own, n / (n + 1), by class."""
        return {name: number / (number + 1) for name, number in self.patients.items()}

    def likely_coverage(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Return within which bounds the coverage lies that one such band has on all future patients, by class.

        The promise is kept on average over validation parts. One part of n patients gives a coverage that is
        distributed as Beta(m, n + 1 - m), m = ceil((n + 1) coverage) (Vovk 2012, ACML), if no two patients have the
        same score: with few patients, a wide distribution.

        Args:
            level: The share of validation parts for which the bounds hold, 0 to 1.
        """
        return {name: _likely(number, self.coverage, level) for name, number in self.patients.items()}

    def as_json(self) -> dict[str, Any]:
        """Return the band as plain JSON values."""
        return asdict(self) | {"notes": list(self.notes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Band:
        """Make a band from what ``as_json`` returned.

        Raises:
            DataError: the value is no band.
        """
        try:
            return cls(**dict(value) | {"notes": tuple(value["notes"])})
        except (KeyError, TypeError) as error:
            raise DataError(f"This is no conformal band: {error}.") from None


def fit_band(validation: Predictions, coverage: float, *, by: str = "class") -> Band:
    """Fit a band on the patients of the validation part.

    Where the probabilities were calibrated on the same patients, the promise within each class of two still holds: it
    rests on the patients' order alone, which a rising map keeps.

    Args:
        validation: Labelled patients with probabilities, one row each (``unit`` ``patient``), none of whom trained the
            model; never those of the test part.
        coverage: The promised share, between 0 and 1.
        by: ``class`` or ``all``.

    Raises:
        SettingsError: a coverage outside 0 to 1, or an unknown ``by``.
        DataError: rows that are cells, no probabilities, no label at all.

    Example:
        >>> from leukoscope.cohort.classes import Classes
        >>> share = np.arange(1, 20) / 20
        >>> table = pl.DataFrame({"id": [str(one) for one in range(38)], "label": ["hem"] * 19 + ["all"] * 19})
        >>> table = table.with_columns(p_all=pl.Series(np.tile(share, 2))).with_columns(p_hem=1 - pl.col("p_all"))
        >>> fit_band(Predictions(table, Classes(("hem", "all")), unit="patient"), 0.9).limits
        {'hem': 0.9, 'all': 0.9}
    """
    if not 0 < coverage < 1:
        raise SettingsError(f"The coverage of a band must lie between 0 and 1; got {coverage:g}.")
    if by not in get_args(By):
        raise SettingsError(f"A band cannot be fitted by {by!r}.", do=nearest(by, get_args(By)))
    _refuse_unfit(validation)
    truth = places(validation.table["label"], validation.classes)
    if not (truth >= 0).any():
        raise DataError("No patient of these predictions has a label, so no band can be fitted.")
    limits: dict[str, float | None] = {}
    patients: dict[str, int] = {}
    scores = _nonconformity(validation.probabilities(), truth)
    for place, name in enumerate(validation.classes.names):
        own = scores[truth == place] if by == "class" else scores[truth >= 0]
        patients[name], limits[name] = len(own), _limit(own, coverage)
    notes = (*_on_promise(limits, patients, coverage), *_on_links(validation.table))
    for note in notes:
        warnings.warn(note, LeukoscopeWarning, stacklevel=2)
    return Band(coverage, "class" if by == "class" else "all", limits, patients, notes)


def _refuse_unfit(predictions: Predictions) -> None:
    if predictions.unit != "patient":
        raise DataError(
            "A conformal band speaks of patients, one row each; these predictions are of cells.",
            do="Give the patients' own predictions: the cells of one patient are no independent witnesses.",
        )
    if not predictions.has_probabilities:
        raise DataError("A conformal band needs probabilities; these predictions hold called classes.")


def _nonconformity(probabilities: Floats, truth: Ints) -> Floats:
    # -1, an unknown class, takes the last column; such rows are never looked at.
    return np.asarray(1 - probabilities[np.arange(len(truth)), truth])


def _place(number: int, coverage: float) -> int:
    return math.ceil((number + 1) * coverage - ROUNDING)


def _limit(scores: Floats, coverage: float) -> float | None:
    place = _place(len(scores), coverage)
    return None if place > len(scores) else float(np.sort(scores)[place - 1])


def _likely(number: int, coverage: float, level: float) -> tuple[float, float]:
    place = _place(number, coverage)
    if place > number:
        return 1.0, 1.0
    low, high = stats.beta.interval(level, place, number + 1 - place)
    return float(low), float(high)


def _on_promise(limits: Mapping[str, float | None], patients: Mapping[str, int], coverage: float) -> list[str]:
    short = [name for name, limit in limits.items() if limit is None]
    needed = math.ceil(coverage / (1 - coverage) - ROUNDING)
    notes = [
        f"{100 * coverage:g} % cannot be promised for {name!r} with {counted(patients[name], 'validation patient')} "
        f"({needed} are needed; so many allow {100 * patients[name] / (patients[name] + 1):.0f} %): "
        "the class stays possible for everybody."
        for name in short
    ]
    if len(short) == len(limits):
        notes.append("The band tells nobody's class: every patient would be referred.")
    elif short:
        others = " or ".join(repr(name) for name in limits if name not in short)
        notes.append(f"So nobody can be called {others} alone: every such patient would be referred.")
    return notes


def _on_links(table: pl.DataFrame) -> list[str]:
    known = table.filter(pl.col("label").is_not_null() & pl.col("group").is_not_null())
    linked = known.height - known["group"].n_unique()
    if not linked:
        return []
    who = f"{counted(linked, 'validation patient')} more than linked groups"
    return [f"There are {who}: the promise takes each patient as independent, so it rests on fewer than it seems."]
