"""What several models say of the same rows, drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Rows

MakeRows = Callable[..., Rows]
NAMES = ("hem", "all", "other", "fourth")


def drawn(
    seed: int = 0, *, members: int = 3, rows: int = 60, classes: int = 2, groups: int | None = 12, positive: int = 1
) -> Rows:
    """Return models of different skill; a group is of one class, and shares what is hard about it."""
    random = np.random.default_rng(seed)
    code = np.sort(np.arange(rows) % (groups or rows))
    truth = (code % classes).astype(np.int64)
    hard = random.normal(size=(groups or rows, classes))[code]
    logits = np.stack(
        [2 * np.eye(classes)[truth] + hard + (0.5 + skill) * random.normal(size=hard.shape) for skill in range(members)]
    )
    shares = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    known = Classes(NAMES[:classes], positive=NAMES[positive] if classes == 2 else None)
    named = None if groups is None else [f"G{one}" for one in code]
    return Rows(tuple(f"net-{m}" for m in range(members)), known, shares, truth, named)


@pytest.fixture(scope="session")
def make_rows() -> MakeRows:
    """Return what draws rows; see ``drawn``."""
    return drawn
