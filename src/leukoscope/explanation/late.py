"""What pictures and facts moved under a late fusion, and the probability that comes of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.evaluation.units import Floats
from leukoscope.explanation.evidence import Probability, plain_probability
from leukoscope.explanation.facts_moves import START, moves_table
from leukoscope.facts.late import IMAGE, LateFusion


def late_moves(
    fusion: LateFusion,
    patients: Sequence[str],
    logits: npt.NDArray[np.floating],
    facts: npt.NDArray[np.float32],
    *,
    sources: Sequence[str],
    values: pl.DataFrame,
    output: int = 0,
) -> pl.DataFrame:
    """Return what the pictures and each fact moved, from where the mean training patient stands.

    Args:
        fusion: The late fusion.
        patients: The b patients' names.
        logits: (b, o), the pictures' logits.
        facts: (b, f), encoded.
        sources: The fact of each column, (f,): ``FactsEncoder.sources``.
        values: ``patient`` and the facts as the clinic wrote them.
        output: Which fused logit: 0 for two classes, the class's place for more.

    Returns:
        As ``moves_table``, with the rows ``average patient`` (the fusion's intercept) and ``pictures`` before the
        facts: a patient's rows sum to the fused logit.
    """
    start = np.full((len(patients), 1), fusion.intercepts[output])
    moves = np.concatenate([start, fusion.moves(logits, facts, output=output)], axis=1)
    return moves_table(patients, moves, [START, *[IMAGE] * fusion.images, *sources], values)


def late_probability(
    fusion: LateFusion, facts: npt.NDArray[np.float32], calibrated: Callable[[Floats], Floats] | None = None
) -> Probability:
    """Return what makes the final probability of the pictures' logits: for the interval over a patient's cells.

    Args:
        fusion: The late fusion.
        facts: (b, f), the patients' encoded facts.
        calibrated: From probabilities, (r,), to calibrated ones; none where not given.
    """

    def probability(place: int, logits: Floats, output: int) -> Floats:
        own = np.repeat(facts[place : place + 1], len(logits), axis=0)
        fused = plain_probability(place, fusion.logits(logits, own), output)
        return fused if calibrated is None else calibrated(fused)

    return probability
