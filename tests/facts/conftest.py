from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes


@pytest.fixture
def classes() -> Classes:
    """Return two classes of which the first is positive, so that places and targets differ."""
    return Classes(("tumoral", "reactive"), positive="tumoral")


@pytest.fixture
def people() -> pl.DataFrame:
    """Return forty patients: the count tells the label well, the age poorly, the sex not at all."""
    random = np.random.default_rng(3)
    tumoral = np.arange(40) % 2 == 0
    return pl.DataFrame(
        {
            "patient": [f"P{place}" for place in range(40)],
            "label": ["tumoral" if one else "reactive" for one in tumoral],
            "age": random.normal(60, 10, 40) + 6 * tumoral,
            "count": np.exp(random.normal(2, 0.5, 40) + 1.3 * tumoral),
            "sex": [("F", "M")[place // 2 % 2] for place in range(40)],
        }
    )


@pytest.fixture
def inputs() -> dict[str, str]:
    """Return the scales of the facts of ``people``."""
    return {"age": "linear", "count": "log", "sex": "category"}
