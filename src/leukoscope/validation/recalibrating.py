"""Calibration, threshold and referral fitted anew on a part of another cohort, and what that changes on the rest."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.errors import LeukoscopeWarning, SettingsError
from leukoscope.evaluation import (
    Band,
    Calibrator,
    Confidence,
    Threshold,
    choose_threshold,
    fit_band,
    fit_calibrator,
    fit_confidence,
    point_scores,
)
from leukoscope.evaluation.uncalibrated import uncalibrated
from leukoscope.predictions.table import Predictions

PLATT, TEMPERATURE, NONE = "platt", "temperature", "none"
GIVEN = "given by the recipe"


@dataclass(frozen=True)
class Refit:
    """What was fitted anew.

    Args:
        calibrator: What is done to the network's own probabilities; ``none`` for nothing.
        threshold: The operating threshold on calibrated probabilities; None for more than two classes.
        confidence: Of cells: from which probability on they are called; None where the bundle refers none.
        band: Of patients: who is referred; None where the bundle refers nobody.
        notes: What a reader must know, a sentence each.
    """

    calibrator: Calibrator
    threshold: Threshold | None
    confidence: Confidence | None
    band: Band | None
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float | None:
        """The threshold as a number."""
        return None if self.threshold is None else self.threshold.value

    def fields(self) -> dict[str, Any]:
        """Return the fields of a card of one model that it replaces."""
        return {
            "calibrator": None if self.calibrator.kind == NONE else self.calibrator.as_json(),
            "threshold": self.value,
            "confidence": None if self.confidence is None else self.confidence.as_json(),
            "band": None if self.band is None else self.band.as_json(),
        }


def refuse_fixed(bundle: AnyBundle) -> None:
    """Refuse a bundle that cannot be recalibrated, before anything is predicted.

    Raises:
        SettingsError: it looks at fewer views where the call is clear, or is one of several models and of more than two
            classes.
    """
    if isinstance(bundle, Bundle):
        if bundle.card.view_rule is not None:
            raise SettingsError(
                "The bundle stops after fewer views where the call is clear, so its probabilities are not those of all "
                "views: it cannot be recalibrated.",
                where=str(bundle.folder),
                do="Make one that looks at all views: leukoscope rescore RUN --set test_time.adaptive=false --out OUT.",
            )
    elif not bundle.classes.binary:
        raise SettingsError(
            "A bundle of several models has no calibration, and with more than two classes no threshold: there is "
            "nothing to fit anew.",
            where=str(bundle.folder),
            do="Recalibrate one of its members.",
        )


def raw_of(bundle: AnyBundle, predictions: Predictions) -> Predictions:
    """Return what a bundle said as it was before the bundle's own calibration."""
    fitted = bundle.card.calibrator if isinstance(bundle, Bundle) else None
    return predictions if fitted is None else uncalibrated(predictions, Calibrator.from_json(fitted))


def refit(bundle: AnyBundle, raw: Predictions, rule: dict[str, Any]) -> Refit:
    """Fit anew what a bundle does to probabilities: Platt's map of two classes, a temperature of more; the threshold.

    The threshold is chosen by the rule of the bundle's recipe, else by the largest balanced accuracy (Youden's). Cells
    are referred for the accuracy, patients for the coverage, that the bundle refers for. A bundle of several models
    keeps its probabilities, and gets a threshold alone.

    Args:
        bundle: The bundle.
        raw: Labelled predictions of the part, from ``raw_of``.
        rule: The settings of the threshold (``Home.rule``); empty where not known.

    Raises:
        DataError: a class of two has no labelled row.
    """
    kind = NONE if not isinstance(bundle, Bundle) else PLATT if raw.classes.binary else TEMPERATURE
    with warnings.catch_warnings():
        # What they warn of stands in their notes.
        warnings.simplefilter("ignore", LeukoscopeWarning)
        calibrator = fit_calibrator(raw, kind, every_class=raw.classes.binary)
        ready = calibrator.apply(raw)
        threshold = _threshold(ready, rule) if raw.classes.binary else None
        value = None if threshold is None else threshold.value
        confidence, band = _referral(bundle, ready, value)
    notes = (*calibrator.notes, *(confidence.notes if confidence else ()), *(band.notes if band else ()))
    return Refit(calibrator, threshold, confidence, band, notes)


def of_rows(predictions: Predictions, table: pl.DataFrame, part: str) -> Predictions:
    """Return the labelled predictions of a part.

    Args:
        predictions: Of the whole cohort.
        table: From ``parting.parted``.
        part: ``recalibration`` or ``rest``.
    """
    key = "id" if predictions.unit == "cell" else "patient"
    wanted = table.filter(pl.col("part") == part)[key].unique()
    rows = predictions.table.filter(pl.col(key).is_in(wanted.implode()) & pl.col("label").is_not_null())
    return Predictions(rows, predictions.classes, predictions.unit)


def _threshold(ready: Predictions, rule: dict[str, Any]) -> Threshold:
    if rule.get("value") is not None:
        reached = point_scores(ready, threshold=rule["value"])["balanced_accuracy"]
        return Threshold(rule["value"], GIVEN, reached or 0.0)
    maximize = rule.get("maximize") or "balanced_accuracy"
    return choose_threshold(ready, maximize=maximize, sensitivity=rule.get("sensitivity"))


def _referral(bundle: AnyBundle, ready: Predictions, threshold: float | None) -> tuple[Confidence | None, Band | None]:
    if not isinstance(bundle, Bundle):
        return None, None
    card, confidence, band = bundle.card, None, None
    if card.confidence is not None:
        confidence = fit_confidence(ready, Confidence.from_json(card.confidence).wanted, threshold)
    if card.band is not None:
        before = Band.from_json(card.band)
        band = fit_band(ready, before.coverage, by=before.by)
    return confidence, band
