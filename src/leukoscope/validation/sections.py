"""What a validation says beyond the scores: those at home beside them, who is referred, what is out of distribution."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import (
    Band,
    Calibrator,
    Confidence,
    Referral,
    Scores,
    Threshold,
    confidence_scores,
    flagged_share,
    referral_scores,
)
from leukoscope.evaluation.gap import Measured, difference
from leukoscope.evaluation.names import RANKED, names_for
from leukoscope.evaluation.scoring import Resampling
from leukoscope.inference.flags import FLAG
from leukoscope.predictions.table import Predictions
from leukoscope.validation.recalibrating import raw_of

BESIDE: dict[str, pl.DataType] = {
    "score": pl.String(),
    **{f"{where}{end}": pl.Float64() for where in ("home", "here", "difference") for end in ("", "_low", "_high")},
    "reason": pl.String(),
}
"""The columns of ``beside.csv``; ``reason`` says why there is no value, or no interval, here."""
SHARES = ("referred", "covered", "unlike_any", "sensitivity", "specificity")


def beside_home(bundle: AnyBundle, scores: Scores) -> pl.DataFrame:
    """Return the scores that the bundle's card states of its own test part beside those here.

    The interval of the difference is recovered from both of theirs (``evaluation.gap.difference``). Of a recalibrated
    bundle those alone are told that no calibration and no threshold changes (the ROC AUC of two classes; of more,
    none): its card's scores are from before.

    Args:
        bundle: The bundle.
        scores: Here.
    """
    home = {**bundle.card.scores, **(bundle.card.about.get("test") or {}).get("calibration", {})}
    rows, kept = [], RANKED if bundle.classes.binary else ()
    for name in names_for(binary=bundle.classes.binary):
        there, here = home.get(name) or {}, scores.scores[name]
        if there.get("value") is None or (bundle.card.recalibrated and name not in kept):
            continue
        row: dict[str, Any] = {"score": name, "reason": here.reason, **_bounds("home", Measured(**_three(there)))}
        if here.value is not None:
            own = Measured(here.value, here.low, here.high)
            row |= _bounds("here", own) | _bounds("difference", difference(own, Measured(**_three(there))))
        rows.append(row)
    return pl.DataFrame(rows, schema=BESIDE)


def referral_section(bundle: AnyBundle, predictions: Predictions, how: Resampling) -> dict[str, Any] | None:
    """Return who is referred here by the bundle's own rule, and how right the rest are; None where it refers nobody.

    Args:
        bundle: The bundle.
        predictions: What it said.
        how: How intervals are made.

    Returns:
        Of cells ``of``, ``wanted``, ``least`` and the fields of ``ConfidenceScores``; of patients ``of``, ``promised``
        and the shares of ``ReferralScores``.
    """
    if not isinstance(bundle, Bundle):
        return None
    card = bundle.card
    if card.confidence is not None:
        return of_confidence(Confidence.from_json(card.confidence), predictions, card.threshold, how)
    if card.band is None:
        return None
    calibrator = Calibrator("none", card.classes.names, 0)
    if card.calibrator is not None:
        calibrator = Calibrator.from_json(card.calibrator)
    threshold = None if card.threshold is None else Threshold(card.threshold, "the bundle's", 0.0)
    rule = Referral(card.classes, calibrator, threshold, Band.from_json(card.band))
    return of_band(rule, raw_of(bundle, predictions))


def of_confidence(
    rule: Confidence, predictions: Predictions, threshold: float | None, how: Resampling
) -> dict[str, Any]:
    """Return the section of a rule for cells; the arguments are those of ``confidence_scores``."""
    found = confidence_scores(rule, predictions, threshold, how)
    return {"of": "cells", "wanted": rule.wanted, "least": rule.least, **found.as_json()}


def of_band(rule: Referral, raw: Predictions) -> dict[str, Any]:
    """Return the section of a rule for patients.

    Args:
        rule: Calibration, threshold and band.
        raw: The patients' predictions, not calibrated.
    """
    found = referral_scores(rule, raw)
    shares = {name: getattr(found, name) for name in SHARES}
    kept = {name: None if one is None else {"value": one.value, **asdict(one)} for name, one in shares.items()}
    return {"of": "patients", "promised": found.promised, "patients": found.patients, **kept, "notes": found.notes}


def strangers_section(
    bundle: AnyBundle, flags: pl.DataFrame | None, classes: Classes, how: Resampling
) -> dict[str, Any] | None:
    """Return the share of cells that are unlike the training cells; None where the bundle cannot tell.

    Args:
        bundle: The bundle.
        flags: ``Answers.flags``.
        classes: The classes.
        how: How the interval is made.

    Returns:
        ``cells``, ``flagged_cells``, ``flagged`` (a score), ``expected`` (the share of validation cells beyond the
        limit), ``home`` (the score at the run's test part; null where not known).
    """
    if flags is None or not flags.height:
        return None
    own = [model.reference.fitted for model in models_of(bundle) if model.reference is not None]
    home = (bundle.card.about.get("strangers") or {}).get("flagged")
    return {
        "cells": flags.height,
        "flagged_cells": int(flags[FLAG].sum()),
        "flagged": asdict(flagged_share(flags[FLAG].to_numpy(), flags, classes, how)),
        "expected": 1 - own[0].quantile,
        "home": home,
    }


def _three(score: dict[str, Any]) -> dict[str, Any]:
    return {name: score.get(name) for name in ("value", "low", "high")}


def _bounds(where: str, found: Measured) -> dict[str, Any]:
    return {where: found.value, f"{where}_low": found.low, f"{where}_high": found.high}
