"""Recalibration, step by step: fitted on the part, measured on the rest, saved as a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.evaluation import Referral
from leukoscope.evaluation.drift import answers_in_short
from leukoscope.evaluation.scoring import Resampling
from leukoscope.files import write_table
from leukoscope.predictions.table import Predictions
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.validation.comparing import compared, reliability_table
from leukoscope.validation.home import Home
from leukoscope.validation.parting import PART, REST, of_part, parting_notes
from leukoscope.validation.recalibrating import Refit, of_rows, raw_of, refit
from leukoscope.validation.saving import save_recalibrated, statement
from leukoscope.validation.sections import of_band, of_confidence, referral_section

SCORES = ("balanced_accuracy", "sensitivity", "specificity", "accuracy", "brier", "ece")


@dataclass(frozen=True)
class Parting:
    """Who is recalibrated on.

    Args:
        table: From ``parting.parted``.
        share: The share that was asked for.
        seed: The seed of the draw.
    """

    table: pl.DataFrame
    share: float
    seed: int


def recalibrate(
    bundle: AnyBundle,
    home: Home,
    predictions: Predictions,
    parting: Parting,
    *,
    data: str,
    seen: pl.DataFrame,
    folder: ValidationFolder,
    how: Resampling,
) -> dict[str, Any]:
    """Fit anew on the part, measure on the rest, and save the bundle.

    Writes ``parts.csv``, ``recalibration.csv``, ``reliability.csv`` and ``bundle/``.

    Args:
        bundle: The bundle as it is.
        home: What is known of it at home.
        predictions: What it said of the whole cohort.
        parting: Who is recalibrated on.
        data: The data set's name.
        seen: The pictures table, ``id`` and ``sha256``.
        folder: Where to.
        how: How intervals are made.

    Returns:
        The section ``recalibration`` of ``validation.json``.

    Raises:
        DataError: of one class of two the part has no row with a prediction.
    """
    table = parting.table
    found = refit(bundle, raw_of(bundle, of_rows(predictions, table, PART)), home.rule)
    before = of_rows(predictions, table, REST)
    after = found.calibrator.apply(raw_of(bundle, before))
    thresholds = (bundle.threshold, found.value)
    scores = compared(before, after, thresholds, how)
    write_table(folder.parts, table)
    write_table(folder.recalibration, scores)
    write_table(folder.reliability, reliability_table(before, after))
    sides = {part: of_part(table, part) for part in (PART, REST)}
    about: dict[str, Any] = {
        "statement": statement(bundle, found, sides[PART], data=data, share=parting.share),
        "data": data,
        "share": parting.share,
        "seed": parting.seed,
        "part": sides[PART],
        "rest": sides[REST],
        "threshold": None if found.threshold is None else {"before": bundle.threshold, **found.threshold.as_json()},
        "calibrator": found.calibrator.kind,
        "notes": [*parting_notes(table), *found.notes],
    }
    own = {"scores_of_rest": _short(scores), "scores": "The field 'scores' is of the run's test part, from before."}
    answers = answers_in_short(after, found.value)
    at_home = {"pictures": home.pictures, "threshold": home.rule, "answers": answers}
    hashes = table.filter(pl.col("part") == PART).join(seen, on="id")["sha256"].drop_nulls().to_list()
    save_recalibrated(bundle, found, folder.bundle, about=about | own, home=at_home, seen=hashes)
    referred = {"before": referral_section(bundle, before, how), "after": _referral(bundle, found, before, after, how)}
    return about | {"referral": referred if referred["before"] else None}


def _short(scores: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """Return the scores that the card states of the rest, before and after."""
    return {
        name: {"before": before, "after": after}
        for name, before, after in scores.select("score", "before", "after").iter_rows()
        if name in SCORES
    }


def _referral(
    bundle: AnyBundle, found: Refit, before: Predictions, after: Predictions, how: Resampling
) -> dict[str, Any] | None:
    if found.confidence is not None:
        return of_confidence(found.confidence, after, found.value, how)
    if found.band is None:
        return None
    rule_of_patients = Referral(bundle.classes, found.calibrator, found.threshold, found.band)
    return of_band(rule_of_patients, raw_of(bundle, before))
