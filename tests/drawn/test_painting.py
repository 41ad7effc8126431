"""Nuclei, granules and whole cells on a drawing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from leukoscope.drawn.anatomy import About, Granules, Nucleus
from leukoscope.drawn.body import paint_cell
from leukoscope.drawn.chromatin import paint_nucleus
from leukoscope.drawn.fields import Place, disc, grid
from leukoscope.drawn.granules import paint_granules
from leukoscope.drawn.kinds import KINDS
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import Stain, blank
from leukoscope.randomness import generator

WHERE, PLACE = grid(128, 16.0), Place(0.0, 0.0, 6.0)
INSIDE = disc(WHERE, PLACE)
PURPLE = 0


def sheet(number: int = 0) -> Sheet:
    return Sheet(blank(128), WHERE, generator(0, "painting", number))


def chromatin(**changed: object) -> np.ndarray:
    drawn = sheet()
    paint_nucleus(drawn, INSIDE, dataclasses.replace(Nucleus(About(0.8), clumps=About(0.3)), **changed))
    return drawn.stains[PURPLE]


def test_quantities_vary_about_their_middle_within_two_deviations() -> None:
    values = np.array([About(5.0, 0.5).draw(generator(0, "about", number)) for number in range(400)])
    assert values.mean() == pytest.approx(5, abs=0.1)
    assert values.std() == pytest.approx(0.5, abs=0.1)
    assert values.min() >= 4
    assert values.max() <= 6


def test_chromatin_stays_within_its_nucleus() -> None:
    purple = chromatin()
    assert not purple[INSIDE > 0.3].any()
    assert purple[INSIDE < -1].mean() == pytest.approx(0.9, abs=0.15)


def test_clumped_chromatin_has_more_contrast_than_a_blasts() -> None:
    deep = INSIDE < -1
    fine, coarse = chromatin(clumps=About(0.1))[deep].std(), chromatin(clumps=About(0.6))[deep].std()
    assert coarse > 3 * fine


def test_nucleoli_are_pale() -> None:
    plain, nucleoli = (chromatin(clumps=About(0.0), nucleoli=(number, number)) for number in (0, 3))
    deep = INSIDE < -1
    assert nucleoli[deep].min() < 0.85 * plain[deep].min()


@pytest.mark.parametrize("hiding", [0.0, 1.0])
def test_granules_lie_in_the_cell_and_hide_the_nucleus_only_if_they_do(hiding: float) -> None:
    drawn, nucleus = sheet(), disc(WHERE, Place(0.0, 0.0, 3.0))
    granules = Granules(Stain(eosin=1.0), About(2.0), About(0.3), over_nucleus=hiding)
    paint_granules(drawn, INSIDE, nucleus, granules)
    eosin = drawn.stains[2]
    assert not eosin[INSIDE > 0.2].any()
    assert eosin[(nucleus > 0.3) & (INSIDE < -1)].mean() > 0.2
    assert bool(eosin[nucleus < -0.3].any()) == bool(hiding)


def test_a_cell_too_small_for_granules_has_none() -> None:
    drawn = sheet()
    paint_granules(drawn, INSIDE + 20, None, Granules(Stain(eosin=1.0), About(2.0), About(0.3)))
    assert not drawn.stains.any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_nucleus_never_leaves_its_cell(kind: str) -> None:
    for number in range(5):
        drawn = sheet(number)
        distance = paint_cell(drawn, dataclasses.replace(KINDS[kind], granules=()), Place(0.0, 0.0, 5.0))
        assert not drawn.stains[:, distance > 0.3].any()
        assert drawn.stains[:, distance < -0.5].sum(axis=0).min() > 0
        assert (drawn.stains >= -0.2).all()


def test_a_part_of_a_drawing_is_painted_on_the_whole() -> None:
    drawn = sheet()
    near = drawn.near(3.0, -2.0, 1.0)
    near.add(np.ones(near.where.x.shape, dtype=np.float32), Stain(blue=1.0))
    painted = drawn.stains[1] > 0
    assert painted.sum() == near.where.x.size
    assert WHERE.x[painted].mean() == pytest.approx(3, abs=0.2)
    assert WHERE.y[painted].mean() == pytest.approx(-2, abs=0.2)


def test_a_point_is_found_only_where_a_shape_is_deep_enough() -> None:
    point = sheet().point(INSIDE, 2.0)
    assert point is not None
    assert np.hypot(*point) < 4.1
    assert sheet().point(INSIDE, 7.0) is None
