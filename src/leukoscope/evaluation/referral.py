"""When to refer a patient to flow cytometry instead of calling a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation.calibrators import Calibrator, fit_calibrator
from leukoscope.evaluation.calling import called
from leukoscope.evaluation.conformal import Band, fit_band
from leukoscope.evaluation.thresholds import Threshold, choose_threshold
from leukoscope.predictions.table import Predictions

REFER = "refer"
WORDS = "refer for flow cytometry"


@dataclass(frozen=True)
class Referral:
    """What decides about a patient: calibration, operating threshold and band, all fitted on validation.

    Args:
        classes: The classes.
        calibrator: What is done to the probabilities first.
        threshold: The operating threshold on calibrated probabilities; None for more than two classes.
        band: The conformal band on calibrated probabilities; None where nobody is referred.
    """

    classes: Classes
    calibrator: Calibrator
    threshold: Threshold | None
    band: Band | None

    def decide(self, predictions: Predictions) -> pl.DataFrame:
        """Decide about each patient.

        A patient is called where the band leaves one class, and it is the one that the threshold calls; else referred.
        A referral counts as naming every class that the band left, so that the promise is kept.

        Args:
            predictions: n patients with probabilities that were not calibrated yet; labels are not looked at.

        Returns:
            n rows, in the same order: ``patient``, ``p_<class>`` (calibrated), ``called`` (a class, or ``refer``),
            ``set`` (the classes that the band leaves, a list; null without band), ``why`` (a sentence).

        Raises:
            DataError: rows that are cells where there is a band, other classes, probabilities calibrated before.
        """
        ready = self.calibrator.apply(predictions)
        calls = called(ready, None if self.threshold is None else self.threshold.value).to_list()
        held = [None] * len(calls) if self.band is None else _sets(self.band, ready)
        decided = [self._one(call, left) for call, left in zip(calls, held, strict=True)]
        return ready.table.select("patient", *ready.columns).with_columns(
            pl.Series("called", [call for call, _ in decided], dtype=pl.String),
            pl.Series("set", held, dtype=pl.List(pl.String)),
            pl.Series("why", [why for _, why in decided], dtype=pl.String),
        )

    def _one(self, call: str, left: list[str] | None) -> tuple[str, str]:
        title = self.classes.title
        if left is None:
            return call, f"called {title(call)}"
        if left == [call]:
            return call, f"called {title(call)}: the only class that the band leaves"
        if not left:
            return REFER, f"{WORDS}: unlike the validation patients of every class"
        if len(left) == 1:
            return REFER, f"{WORDS}: the band leaves {title(left[0])}, the threshold says {title(call)}"
        return REFER, f"{WORDS}: {_either(list(map(title, left)))} remain possible"

    def as_json(self) -> dict[str, Any]:
        """Return the referral as plain JSON values."""
        return {
            "classes": self.classes.as_json(),
            "calibrator": self.calibrator.as_json(),
            "threshold": None if self.threshold is None else self.threshold.as_json(),
            "band": None if self.band is None else self.band.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Referral:
        """Make a referral from what ``as_json`` returned.

        Raises:
            DataError: the value is no referral.
        """
        try:
            threshold, band = value["threshold"], value["band"]
            return cls(
                Classes.from_json(value["classes"]),
                Calibrator.from_json(value["calibrator"]),
                None if threshold is None else Threshold(**threshold),
                None if band is None else Band.from_json(band),
            )
        except (KeyError, TypeError) as error:
            raise DataError(f"This is no referral: {error}.") from None


def fit_referral(
    validation: Predictions,
    *,
    calibrate: str = "none",
    coverage: float | None = None,
    by: str = "class",
    maximize: str = "balanced_accuracy",
    sensitivity: float | None = None,
) -> Referral:
    """Fit all that decides about a patient, on the validation part.

    Args:
        validation: Labelled patients with probabilities; never those of the test part.
        calibrate: As ``kind`` in ``fit_calibrator``.
        coverage: The promised coverage of the band, between 0 and 1; None for no band, so that nobody is referred.
        by: As in ``fit_band``.
        maximize: As in ``choose_threshold``.
        sensitivity: As in ``choose_threshold``.

    Raises:
        SettingsError: a setting that makes no sense here.
        DataError: rows that are cells where a band is asked for, no probabilities, a class without labelled patient.
    """
    calibrator = fit_calibrator(validation, calibrate)
    ready = calibrator.apply(validation)
    threshold = None
    if ready.classes.binary:
        threshold = choose_threshold(ready, maximize=maximize, sensitivity=sensitivity)
    band = None if coverage is None else fit_band(ready, coverage, by=by)
    return Referral(ready.classes, calibrator, threshold, band)


def _sets(band: Band, predictions: Predictions) -> list[list[str]]:
    names = np.array(predictions.classes.names)
    return [names[row].tolist() for row in band.sets(predictions)]


def _either(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])
