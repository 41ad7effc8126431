"""What drawn models say of drawn cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.mistakes import Judged, judge
from leukoscope.predictions.table import Predictions

CLASSES = Classes(("hem", "all"), ("normal cell", "leukaemic blast"))
Numbers = Sequence[float] | np.ndarray


def _said(positive: Numbers, truth: Numbers, patients: Sequence[str | None] | None = None) -> Predictions:
    chance = np.asarray(positive, dtype=np.float64)
    known = [f"P{number % 6}" for number in range(len(chance))] if patients is None else list(patients)
    table = pl.DataFrame(
        {
            "id": [f"c{number:04d}" for number in range(len(chance))],
            "patient": pl.Series(known, dtype=pl.String),
            "part": ["test"] * len(chance),
            "label": [CLASSES.names[int(one)] for one in truth],
            "p_hem": 1 - chance,
            "p_all": chance,
        }
    )
    return Predictions(table, CLASSES)


@pytest.fixture(scope="session")
def said() -> Callable[..., Predictions]:
    """Return predictions from the probabilities of ``all``, the true classes (0, 1) and the patients (six in turn)."""
    return _said


@pytest.fixture(scope="session")
def judged() -> Callable[..., Judged]:
    """Return models ``m0``, ``m1``, ... on the same cells, from each one's probabilities of ``all``."""

    def make(
        models: Sequence[Numbers],
        truth: Numbers,
        patients: Sequence[str | None] | None = None,
        thresholds: Sequence[float | None] | None = None,
    ) -> Judged:
        cuts = thresholds or [None] * len(models)
        return judge(
            {f"m{place}": _said(one, truth, patients) for place, one in enumerate(models)},
            {f"m{place}": cut for place, cut in enumerate(cuts)},
        )

    return make
