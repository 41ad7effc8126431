from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]


def draw_predictions(
    *,
    seed: int = 0,
    classes: int = 2,
    patients: int = 12,
    cells: int = 10,
    skill: float = 1.5,
    ties: bool = False,
    known: bool = True,
) -> Predictions:
    """Predictions of patients of one class each, whose cells share an effect."""
    random = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), random.integers(max(cells // 2, 1), 2 * cells, patients))
    truth = patient % classes
    logits = skill * np.eye(classes)[truth] + random.normal(0, 0.7, (patients, classes))[patient]
    logits += random.normal(0, 1, logits.shape)
    if ties:
        logits = np.round(logits)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = ("hem", "all", "c", "d", "e")[:classes]
    table = {
        "id": [f"cell{row}" for row in range(len(patient))],
        "patient": [f"P{one}" if known else None for one in patient],
        "label": [names[place] for place in truth],
    }
    table |= {f"p_{name}": shares[:, place] for place, name in enumerate(names)}
    return Predictions(pl.DataFrame(table, schema_overrides={"patient": pl.String}), Classes(names))


@pytest.fixture(scope="session")
def draw() -> Draw:
    return draw_predictions


def draw_patients(
    *, seed: int = 0, patients: int = 38, shift: float = 2.0, too_sure: float = 1.0, first: int = 0
) -> Predictions:
    """Patients by turns reactive and tumoral, whose logit is shift x, x ~ N(+-shift / 2, 1): it tells true shares."""
    random = np.random.default_rng([seed, 1])
    truth = np.arange(patients) % 2
    logit = too_sure * shift * (shift * (truth - 0.5) + random.normal(size=patients))
    share = 1 / (1 + np.exp(-logit))
    table = {
        "id": [f"P{first + row}" for row in range(patients)],
        "label": np.array(["reactive", "tumoral"])[truth],
        "p_reactive": 1 - share,
        "p_tumoral": share,
        "logit": logit,
    }
    return Predictions(pl.DataFrame(table), Classes(("reactive", "tumoral")), "patient")


@pytest.fixture(scope="session")
def draw_sick() -> Draw:
    return draw_patients
