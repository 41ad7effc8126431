"""How far a patient's probability depends on which cells were photographed, as the bundle states probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.explanation.evidence import FEWEST_CELLS, Probability
from leukoscope.explanation.instances import PatientInstances
from leukoscope.explanation.interval import LEVEL, MEANING, bounds, resampled_logits
from leukoscope.explanation.stated import stated_probability
from leukoscope.facts.late import LateFusion
from leukoscope.inference.patient_rows import Bag, PatientReader
from leukoscope.training.views import mean_of_views

DRAWN_AS = "patient"
"""The draws must not depend on what the client calls the patient."""


def interval_of(
    reader: PatientReader, bag: Bag, facts: npt.NDArray[np.float32] | None, explained: str
) -> dict[str, Any] | None:
    """Return the bounds of a patient's probability over draws of the cells; None of a patient of one cell.

    Args:
        reader: What has seen the patient.
        bag: What it has seen.
        facts: The patient's, (1, f) float32, encoded; None where none count.
        explained: The class whose probability it is.
    """
    if bag.cells < FEWEST_CELLS:
        return None
    inside, bundle = reader.inside(facts), reader.bundle
    views = [PatientInstances(0, torch.cat(chunks), inside) for chunks in bag.views]
    drawn = torch.from_numpy(np.stack([resampled_logits(reader.model, view, DRAWN_AS) for view in views]))
    output = 0 if bundle.classes.binary else bundle.classes.index(explained)
    logits = mean_of_views(drawn, bundle.card.test_time).numpy()
    low, high = bounds(_probability(bundle, facts)(0, logits, output))
    return {"low": low, "high": high, "level": LEVEL, "of": explained, "what": MEANING}


def _probability(bundle: Bundle, facts: npt.NDArray[np.float32] | None) -> Probability:
    card = bundle.card
    none = Calibrator("none", card.classes.names, 0)
    calibrator = none if card.calibrator is None else Calibrator.from_json(card.calibrator)
    late = None if card.fusion is None else LateFusion.from_json(card.fusion)
    # A fusion without facts rescales the logits alone, as in ``bundles.verdicts``.
    numbers = np.empty((1, 0), dtype=np.float32) if facts is None else facts
    return stated_probability(card.classes, calibrator, late=late, facts=numbers)
