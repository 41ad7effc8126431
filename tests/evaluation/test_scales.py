from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.evaluation.scales import Scale


@given(value=st.floats(0.01, 0.99), low=st.sampled_from([-1.0, 0.0]), high=st.sampled_from([1.0, 2.0, math.inf]))
def test_a_place_leads_back_to_its_value(value: float, low: float, high: float) -> None:
    scale = Scale(low, high)
    inside = low + value * (1 if math.isinf(high) else high - low)
    assert float(scale.back(scale.place(inside))) == pytest.approx(inside, abs=1e-9)
    step = 1e-6
    rise = (scale.place(inside + step) - scale.place(inside - step)) / (2 * step)
    assert scale.slope(inside) == pytest.approx(rise, rel=1e-3)


def test_values_at_a_bound_stand_half_as_far_as_the_nearest_other() -> None:
    line = Scale(0, 1).line(np.array([0.0, 0.2, 0.9, 1.0, 1 - 1e-16]))
    assert line[0] == pytest.approx(math.log(0.1))
    assert line[3] == line[4] == pytest.approx(-math.log(0.05))
    assert np.isfinite(Scale(0, 1).line(np.zeros(3))).all()


def test_what_is_not_defined_stays_so() -> None:
    assert np.isnan(Scale(0, 1).line(np.array([0.5, np.nan]))).tolist() == [False, True]
