from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import share_of_rows, shares_of_rows
from leukoscope.evaluation.tallies import Material
from leukoscope.predictions.table import Predictions

HOW = Resampling(replicates=300)


@pytest.fixture
def material(draw: Callable[..., Predictions]) -> Material:
    return material_of(draw(patients=12, cells=6), None)


def of_units(material: Material, rows: np.ndarray) -> np.ndarray:
    return np.bincount(material.units.code, weights=rows, minlength=material.units.number)


def test_several_shares_are_each_what_it_is_alone(material: Material) -> None:
    right, some = material.called == material.truth, np.arange(len(material.truth)) % 5 == 0
    everybody, first = np.ones(len(some), dtype=bool), material.units.code == 0
    pairs = [(right, everybody), (right & some, some), (some, everybody), (right & first, first), (~first & first,) * 2]
    pairs += [(everybody, everybody), (right & ~right, everybody)]
    parts, wholes = (np.stack([of_units(material, pair[side]) for pair in pairs]) for side in (0, 1))
    together = shares_of_rows(parts, wholes, material, HOW)
    alone = [share_of_rows(part, whole, material, HOW) for part, whole in zip(parts, wholes, strict=True)]
    assert [(one.value, one.reason) for one in together] == [(one.value, one.reason) for one in alone]
    bounds = [np.array([(one.low, one.high) for one in found], dtype=float) for found in (together, alone)]
    assert bounds[0] == pytest.approx(bounds[1], rel=1e-9, nan_ok=True)
    assert together[0].value == right.mean()
    assert together[3].reason == "it rests on a single patient"
    assert (together[4].value, together[4].reason) == (None, "there are none to take a share of")
    assert (together[5].high, together[6].low) == (1, 0)
    # All of so many units, or none of them: the exact bound of Clopper & Pearson.
    assert together[6].high == pytest.approx(1 - 0.025 ** (1 / 12))


def test_without_replicates_there_are_values_alone(material: Material) -> None:
    ones = np.ones((2, material.units.number))
    found = shares_of_rows(ones * [[0.25], [0.5]], ones, material, Resampling(replicates=0))
    assert [(one.value, one.low, one.reason) for one in found] == [(0.25, None, None), (0.5, None, None)]
