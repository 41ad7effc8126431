"""How sure a bundle is of cells: probabilities calibrated, the less sure ones referred; as its run fitted it."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats
from leukoscope.errors import counted
from leukoscope.evaluation.calibrators import RAW, Calibrator
from leukoscope.evaluation.confidence import Confidence, confidences
from leukoscope.predictions.table import Predictions, probability_column

CONFIDENCE, REFERRED = "confidence", "referred"


def calibrated_shares(card: BundleCard, shares: Floats, logits: Floats) -> tuple[Floats, dict[str, pl.Series]]:
    """Return a model's probabilities as its bundle states them.

    Args:
        card: The bundle's card.
        shares: (n, k) float64, the model's own probabilities.
        logits: (n,) float64, the positive class's logit; not looked at for more than two classes.

    Returns:
        The probabilities, (n, k); and, where they are calibrated, the columns that say so: ``raw_logit``, the logit
        from before (null of more than two classes), and ``logit`` of two classes. Empty where nothing is calibrated.

    Raises:
        DataError: the card's calibrator is of another version, or of other classes.
    """
    if card.calibrator is None:
        return shares, {}
    columns = {"id": pl.Series(map(str, range(len(shares))), dtype=pl.String)}
    columns |= {probability_column(name): pl.Series(shares[:, place]) for place, name in enumerate(card.classes.names)}
    if card.classes.binary:
        columns["logit"] = pl.Series(logits)
    after = Calibrator.from_json(card.calibrator).apply(Predictions(pl.DataFrame(columns), card.classes))
    changed = [name for name in ("logit", RAW) if name in after.table.columns] if RAW in after.table.columns else []
    return after.probabilities(), {name: after.table[name] for name in changed}


def certainty_columns(card: BundleCard, shares: Floats, classes: Classes) -> dict[str, pl.Series]:
    """Return ``confidence`` (the probability of the called class) and ``referred``; empty where nothing is referred.

    Args:
        card: The bundle's card.
        shares: (n, k), as ``calibrated_shares`` returned them.
        classes: The classes.
    """
    if card.confidence is None:
        return {}
    sure = confidences(shares, classes, card.threshold)
    away = Confidence.from_json(card.confidence).refers(sure)
    return {CONFIDENCE: pl.Series(sure), REFERRED: pl.Series(np.asarray(away), dtype=pl.Boolean)}


def referred_in(rows: pl.DataFrame) -> int:
    """Return how many rows of predictions are referred."""
    return 0 if REFERRED not in rows.columns else int(rows[REFERRED].sum())


def referral_notices(bundle: object, number: int) -> list[str]:
    """Return what whoever uses predictions of cells must know of those that are referred, a sentence each.

    Args:
        bundle: The bundle.
        number: How many rows are referred.
    """
    if not number or not isinstance(bundle, Bundle) or bundle.card.confidence is None:
        return []
    rule, cells = Confidence.from_json(bundle.card.confidence), counted(number, "cell")
    if rule.least is None:
        return [f"{cells} to be referred: an accuracy of {rule.wanted:g} cannot be reached (column 'referred')."]
    said = f"{cells} to be referred: the called class is less probable than {rule.least:.3f} (column 'referred')"
    return [f"{said}. Validation cells from there on were called with an accuracy of {rule.reached:.3f}."]
