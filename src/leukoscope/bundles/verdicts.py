"""From what a network gives for patients to what its bundle says: fused, calibrated, called, referred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.bundles.card import BundleCard
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.calling import called, places
from leukoscope.evaluation.conformal import Band
from leukoscope.facts.late import LateFusion
from leukoscope.models.probabilities import probabilities
from leukoscope.predictions.table import Predictions, probability_column

Floats = npt.NDArray[np.float64]
NOBODY = "none"


def fused_logits(card: BundleCard, logits: Floats, facts: npt.NDArray[np.float32] | None) -> Floats:
    """Return the logits after late fusion; as they are where the card has none.

    Args:
        card: The bundle's card.
        logits: (b, outputs) float64, the network's.
        facts: (b, f) float32, encoded; None where no facts count.

    Raises:
        DataError: the card's coefficients are of another version, or of other facts.
    """
    if card.fusion is None:
        return logits
    # A fusion without facts rescales the logits alone; one with facts refuses to do without them.
    numbers = np.empty((len(logits), 0), dtype=np.float32) if facts is None else facts
    return LateFusion.from_json(card.fusion).logits(logits, numbers)


def verdicts(
    card: BundleCard, patients: Sequence[str], logits: Floats, facts: npt.NDArray[np.float32] | None
) -> Predictions:
    """Return what a bundle says of patients.

    The order is: late fusion, probabilities, calibration, the threshold (on calibrated probabilities), the band.

    Args:
        card: The bundle's card.
        patients: The b patients' names.
        logits: (b, outputs) float64, the network's.
        facts: (b, f) float32, encoded; None where no facts count.

    Returns:
        One row a patient, in their order: the usual columns with ``called``; where there is a calibrator also
            ``raw_logit``, the logit from before; where there is a band also ``band`` (text: the classes that it holds,
            ``none`` where it holds none) and ``referred`` (whether it holds anything but the called class alone, the
            rule of ``evaluation.referral``).

    Raises:
        DataError: the card's coefficients, calibrator or band are of another version, or of other classes.
    """
    said = fused_logits(card, logits, facts)
    shares = probabilities(torch.from_numpy(said), card.classes).numpy()
    columns = {"id": pl.Series(patients, dtype=pl.String), "patient": pl.Series(patients, dtype=pl.String)}
    columns |= {probability_column(name): pl.Series(shares[:, place]) for place, name in enumerate(card.classes.names)}
    if card.classes.binary:
        columns["logit"] = pl.Series(said[:, 0])
    found = Predictions(pl.DataFrame(columns), card.classes, unit="patient")
    if card.calibrator is not None:
        found = Calibrator.from_json(card.calibrator).apply(found)
    return _referred(card, _with(found, [called(found, card.threshold)]))


def _referred(card: BundleCard, found: Predictions) -> Predictions:
    if card.band is None:
        return found
    sets = Band.from_json(card.band).sets(found)
    names = np.array(card.classes.names)
    bands = pl.Series("band", [" or ".join(names[row]) or NOBODY for row in sets], dtype=pl.String)
    alone = sets[np.arange(len(sets)), places(found.table["called"], card.classes)] & (sets.sum(axis=1) == 1)
    return _with(found, [bands, pl.Series("referred", ~alone)])


def _with(found: Predictions, columns: list[pl.Series]) -> Predictions:
    return Predictions(found.table.with_columns(columns), found.classes, found.unit)
