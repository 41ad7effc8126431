"""What pictures and facts moved under a late fusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.explanation.facts_moves import START, moves_table
from leukoscope.facts.late import LateFusion

# Not "pictures": that is a fact, their number.
PICTURES = "all pictures"


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
        As ``moves_table``, with the rows ``average patient`` (the fusion's intercept) and ``all pictures`` before the
        facts: a patient's rows sum to the fused logit.
    """
    start = np.full((len(patients), 1), fusion.intercepts[output])
    moves = np.concatenate([start, fusion.moves(logits, facts, output=output)], axis=1)
    return moves_table(patients, moves, [START, *[PICTURES] * fusion.images, *sources], values)
