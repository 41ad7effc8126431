"""From material to scores with intervals, or with the reason why there are none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.evaluation.intervals import Bounds, intervals
from leukoscope.evaluation.names import Key
from leukoscope.evaluation.reasons import why_undefined
from leukoscope.evaluation.scores import Interval, Score
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import CELL, GROUP, PATIENT

FEWEST_REPLICATES = 100
DRAWN = {GROUP: "linked groups of patients", PATIENT: "patients", CELL: "single cells, as no patients are known,"}


@dataclass(frozen=True)
class Resampling:
    """How intervals are made.

    Args:
        level: The coverage aimed at, between 0 and 1.
        replicates: Resamples, 100 or more; 0 for no intervals.
        seed: Their seed.

    Raises:
        SettingsError: a value outside its range.
    """

    level: float = 0.95
    replicates: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise SettingsError(f"The level of intervals must lie between 0 and 1; got {self.level:g}.")
        if self.replicates != 0 and self.replicates < FEWEST_REPLICATES:
            raise SettingsError(
                f"Intervals need {FEWEST_REPLICATES} replicates or more; got {self.replicates}.",
                do="Ask for 0 to have no intervals.",
            )


def plain_scores(tallies: Tallies) -> dict[Key, float]:
    """Return every score without interval; NaN where one is not defined."""
    found = tallies.scores(np.ones((tallies.material.units.number, 1)))
    return {key: float(values[0]) for key, values in found.items()}


def scores_with_intervals(tallies: Tallies, how: Resampling) -> dict[Key, Score]:
    """Return every score with its interval, or with the reason why it has no value or no interval."""
    values = plain_scores(tallies)
    defined = {key: value for key, value in values.items() if not math.isnan(value)}
    bounds = intervals(tallies, defined, level=how.level, replicates=how.replicates, seed=how.seed)
    return {
        key: _score(value, bounds[key]) if key in bounds else Score(None, reason=why_undefined(key, tallies.material))
        for key, value in values.items()
    }


def described(material: Material, how: Resampling) -> Interval:
    """Return how the intervals of some material are made, for people."""
    unit = material.units.kind
    method = (
        f"bootstrap of {DRAWN[unit]} within each class, Student's t on the logit scale" if how.replicates else "none"
    )
    return Interval(how.level, method, unit, material.units.number, how.replicates, how.seed)


def _score(value: float, bounds: Bounds) -> Score:
    return Score(value, bounds.low, bounds.high, bounds.reason)
