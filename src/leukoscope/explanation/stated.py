"""From the pictures' logits to the probability that the model states in the end: facts and calibration included."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.units import Floats
from leukoscope.explanation.evidence import Probability
from leukoscope.facts.late import LateFusion
from leukoscope.models.probabilities import probabilities
from leukoscope.predictions.table import Predictions, probability_column


def stated_probability(
    classes: Classes,
    calibrator: Calibrator,
    *,
    late: LateFusion | None = None,
    facts: npt.NDArray[np.float32] | None = None,
) -> Probability:
    """Return what makes the stated probability of the pictures' logits: for the interval over a patient's cells.

    The order is the bundle's: late fusion, probabilities, calibration.

    Args:
        classes: The classes; of two the positive one is explained.
        calibrator: What is done to the probabilities in the end; of kind ``none`` nothing.
        late: The late fusion; None where there is none.
        facts: (b, f) float32, the patients' encoded facts, which a late fusion needs.
    """

    def probability(place: int, logits: Floats, output: int) -> Floats:
        fused = logits
        if late is not None and facts is not None:
            fused = late.logits(logits, np.repeat(facts[place : place + 1], len(logits), axis=0))
        said = calibrator.apply(_predictions(fused, classes))
        found: Floats = said.probabilities()[:, classes.index(str(classes.positive)) if classes.binary else output]
        return found

    return probability


def _predictions(logits: Floats, classes: Classes) -> Predictions:
    shares = probabilities(torch.from_numpy(logits), classes).numpy()
    columns = {probability_column(name): shares[:, place] for place, name in enumerate(classes.names)}
    table = pl.DataFrame({"id": [str(row) for row in range(len(logits))], **columns})
    return Predictions(table.with_columns(logit=logits[:, 0]) if classes.binary else table, classes, "patient")
