from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.flagged import flagged_share

CLASSES = Classes(("hem", "all"))


def cells(sizes: list[int], *, known: bool = True) -> pl.DataFrame:
    names = [f"P{place}" for place, size in enumerate(sizes) for _ in range(size)]
    labels = [CLASSES.names[place % 2] for place, size in enumerate(sizes) for _ in range(size)]
    table = pl.DataFrame({"id": [str(place) for place in range(len(names))], "patient": names, "label": labels})
    nothing = pl.lit(None, pl.String)
    return table.with_columns(group=nothing, **({} if known else {"patient": nothing}))


def test_patients_weigh_alike_and_are_drawn_as_a_whole() -> None:
    sizes = [90, *[10] * 11]
    flagged = np.array([True] * 90 + [False] * 110)
    of_patients = flagged_share(flagged, cells(sizes), CLASSES)
    of_cells = flagged_share(flagged, cells(sizes, known=False), CLASSES)
    assert of_patients.value is not None
    assert round(of_patients.value, 6) == round(1 / 12, 6)
    assert of_cells.value == 0.45
    assert of_patients.low is not None
    assert of_patients.high is not None
    assert of_patients.low < 1 / 12 < of_patients.high
    assert of_patients.high - of_patients.low > 0.1


def test_none_flagged_has_an_upper_bound() -> None:
    found = flagged_share(np.zeros(60, dtype=bool), cells([10] * 6), CLASSES)
    assert (found.value, found.low) == (0, 0)
    assert found.high is not None
    assert 0.1 < found.high < 0.6
