from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.drawn.fields import Place, arc, covered, disc, grid, joined, noise, outline, ramp, rod, turned, without
from leukoscope.randomness import generator

WHERE = grid(100, 20.0)


def area(distance: np.ndarray) -> float:
    return float((distance < 0).sum()) * WHERE.pixel**2


def test_a_grid_has_its_centre_in_the_middle_and_is_kept() -> None:
    assert WHERE.x.mean() == pytest.approx(0, abs=1e-5)
    assert WHERE.x[0, -1] - WHERE.x[0, 0] == pytest.approx(20 - WHERE.pixel)
    assert grid(100, 20.0) is grid(100, 20.0)
    with pytest.raises(ValueError, match="read-only"):
        WHERE.x[0, 0] = 1


@given(x=st.floats(-9, 9), y=st.floats(-9, 9), reach=st.floats(0.1, 4))
@settings(max_examples=40, deadline=None)
def test_a_window_holds_all_that_is_within_reach(x: float, y: float, reach: float) -> None:
    near = np.hypot(WHERE.x - x, WHERE.y - y) < reach
    inside = np.zeros_like(near)
    inside[WHERE.window(x, y, reach)] = True
    assert not (near & ~inside).any()


def test_a_window_outside_the_drawing_is_empty() -> None:
    assert WHERE.cut(WHERE.window(50.0, 0.0, 3.0)).x.size == 0
    assert WHERE.cut(WHERE.window(0.0, -50.0, 3.0)).x.size == 0


@pytest.mark.parametrize("grain", [0.1, 0.7, 3.0, 30.0])
def test_noise_fills_any_part_of_a_drawing(grain: float) -> None:
    part = WHERE.cut((slice(3, 50), slice(0, 97)))
    values = noise(part, grain, generator(0, "noise"))
    assert values.shape == (47, 97)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_noise_is_normal_and_as_coarse_as_it_was_asked_for() -> None:
    fine, coarse = noise(WHERE, 0.4, generator(0, "fine")), noise(WHERE, 3.0, generator(0, "coarse"))
    assert fine.mean() == pytest.approx(0, abs=0.1)
    assert fine.std() == pytest.approx(1, abs=0.3)
    steps = [float(np.abs(np.diff(values, axis=1)).mean() / values.std()) for values in (fine, coarse)]
    assert steps[0] > 4 * steps[1]


def test_discs_rods_and_arcs_have_their_areas() -> None:
    assert area(disc(WHERE, Place(1.0, -2.0, 3.0))) == pytest.approx(math.pi * 9, rel=0.02)
    assert area(rod(WHERE, (-3.0, 0.0), (3.0, 1.0), 1.0)) == pytest.approx(2 * math.hypot(6, 1) + math.pi, rel=0.02)
    bent = arc(turned(WHERE, 0.0, 0.0, 0.7), 4.0, 1.2, 1.0)
    assert area(bent) == pytest.approx(4.0 * 2.4 * 2 + math.pi, rel=0.02)


def test_a_wide_arc_is_open_on_the_far_side_only() -> None:
    bent = arc((WHERE.x, WHERE.y), 5.0, 2.6, 0.5)
    assert disc(WHERE, Place(5.0, 0.0, 0.1)).argmin() in np.flatnonzero(bent.ravel() < 0)
    assert bent.ravel()[disc(WHERE, Place(-5.0, 0.0, 0.1)).argmin()] > 1


def test_an_outline_keeps_its_area_whatever_its_length() -> None:
    for elongation in (1.0, 2.0):
        axes = turned(WHERE, 0.0, 0.0, 0.4)
        assert area(outline(axes, 4.0, elongation, 0.0, generator(0, "a"))) == pytest.approx(math.pi * 16, rel=0.02)


def test_shapes_melt_together_and_apart() -> None:
    left, right = disc(WHERE, Place(-2.0, 0.0, 2.5)), disc(WHERE, Place(2.0, 0.0, 2.5))
    assert (joined(left, right, 0.5) <= np.minimum(left, right) + 1e-6).all()
    assert area(joined(left, right, 1.0)) > area(np.minimum(left, right))
    assert area(without(left, right, 0.1)) < area(left)


def test_cover_and_ramp_go_from_nothing_to_all() -> None:
    distance = disc(WHERE, Place(0.0, 0.0, 4.0))
    cover = covered(distance, 0.5)
    assert (cover[distance < -0.26] == 1).all()
    assert (cover[distance > 0.26] == 0).all()
    values = ramp(np.array([-1.0, 0.0, 0.5, 1.0, 2.0], dtype=np.float32), 0.0, 1.0)
    assert values.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
