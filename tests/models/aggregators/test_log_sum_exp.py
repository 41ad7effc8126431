"""The smooth maximum, against NumPy and its two ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import Tensor

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.log_sum_exp import LogSumExp


def test_it_is_the_formula(instances: Any, none: Tensor) -> None:
    expected = [np.log(np.exp(2 * piece).mean(0)) / 2 for piece in instances.pieces]
    np.testing.assert_allclose(LogSumExp(sharpness=2)(instances.values, instances.bags, none), expected)


@pytest.mark.parametrize(("sharpness", "end"), [(1e-6, np.mean), (1e5, np.max)])
def test_it_lies_between_the_mean_and_the_maximum(sharpness: float, end: Any, instances: Any, none: Tensor) -> None:
    found = LogSumExp(sharpness=sharpness)(instances.values, instances.bags, none)
    np.testing.assert_allclose(found, [end(piece, 0) for piece in instances.pieces], atol=1e-4)


@pytest.mark.parametrize("sharpness", [0, -1.0, float("nan"), float("inf"), "5", True])
def test_the_sharpness_is_a_number_above_0(sharpness: Any) -> None:
    with pytest.raises(SettingsError) as raised:
        LogSumExp(sharpness=sharpness)
    assert str(raised.value) == (
        f"The 'sharpness' parameter of log_sum_exp must be a number above 0. Got {sharpness!r}.\n"
        "  where: bag.aggregator.log_sum_exp"
    )
