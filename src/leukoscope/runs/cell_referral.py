"""What a run of cells says of calibration and of when to refer a cell; and what its bundle needs for that."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError
from leukoscope.evaluation import (
    Calibrator,
    carried_threshold,
    confidence_scores,
    fit_calibrator,
    fit_confidence,
)
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ReferSettings
from leukoscope.runs.calibration_section import calibration_section
from leukoscope.runs.learned import Results, Said

WANTED = (0.90, 0.95, 0.99)
"""The accuracies whose price is stated beside the one that was asked for."""


def refuse_isotonic(refer: ReferSettings, classes: Classes) -> None:
    """Refuse isotonic steps for more than two classes, before anything is trained.

    Raises:
        SettingsError: they are asked for.
    """
    if refer.calibrate == "isotonic" and not classes.binary:
        raise SettingsError(
            f"Isotonic calibration (refer.calibrate: isotonic) needs two classes; there are {len(classes)}.",
            where="refer.calibrate",
            do="Set refer.calibrate: temperature.",
        )


def cell_referral(refer: ReferSettings, said: Said) -> Results:
    """Fit calibration and referral on the validation part, and state what they do on the test part.

    The run's own predictions, scores and threshold are of the probabilities before calibration; the bundle's
    probabilities are calibrated, and its threshold is carried over, so that it calls cells the same. A patient whose
    cells speak with two voices may be called otherwise, as the mean of calibrated probabilities is another.

    Args:
        refer: What the recipe asks for.
        said: What is said of the parts.

    Returns:
        The sections ``calibration`` and ``referral`` of ``scores.json``, and ``calibrator``, ``confidence`` and
        ``threshold`` of the card; nothing where nothing is asked for.
    """
    if refer.calibrate == "none" and refer.accuracy is None:
        return Results()
    calibrator = _calibrator(refer.calibrate, said.validation)
    scores, card = dict[str, Any](), dict[str, Any]()
    threshold = said.value
    if calibrator.kind != "none":
        card["calibrator"] = calibrator.as_json()
        if threshold is not None:
            threshold = carried_threshold(threshold, calibrator, said.test.classes).value
            card["threshold"] = threshold
    if refer.calibrate != "none":
        scores["calibration"] = calibration_section(calibrator, said.test, threshold)
    if refer.accuracy is not None:
        parts = calibrator.apply(said.validation), calibrator.apply(said.test)
        rule, scores["referral"] = _referral(refer.accuracy, *parts, threshold)
        card["confidence"] = rule
    return Results(scores, card)


def _calibrator(kind: str, validation: Predictions) -> Calibrator:
    """Fit a calibrator; where a class has no validation cell nothing is calibrated, and its note says so."""
    with warnings.catch_warnings():
        # What it warns of stands in its notes.
        warnings.simplefilter("ignore", LeukoscopeWarning)
        try:
            return fit_calibrator(validation, kind)
        except DataError as error:
            return Calibrator("none", validation.classes.names, validation.table.height, notes=(error.what,))


def _referral(
    accuracy: float, validation: Predictions, test: Predictions, threshold: float | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rule as the card has it, and the section ``referral``."""
    rule = fit_confidence(validation, accuracy, threshold)
    found = confidence_scores(rule, test, threshold)
    section = {
        "of": "cells",
        "wanted": accuracy,
        "least": rule.least,
        "validation": {name: asdict(rule)[name] for name in ("reached", "kept", "cells", "patients")},
        **found.as_json(),
        "levels": _levels(WANTED, validation, test, threshold),
        "notes": list(rule.notes),
    }
    return rule.as_json(), section


def _levels(
    wanted: Iterable[float], validation: Predictions, test: Predictions, threshold: float | None
) -> list[dict[str, Any]]:
    """Return what each wanted accuracy would cost: the rule on validation, the shares on test."""
    rows = []
    for accuracy in wanted:
        rule = fit_confidence(validation, accuracy, threshold)
        found = confidence_scores(rule, test, threshold, by_class=False)
        shares = {"referred": asdict(found.referred), "accuracy": asdict(found.accuracy)}
        rows.append({"wanted": accuracy, "least": rule.least, "reached": rule.reached, **shares})
    return rows
