from __future__ import annotations

import numpy as np
import pytest

from leukoscope.drawn.look import Look, develop, draw_look
from leukoscope.drawn.stains import ABSORBANCE, Stain, add, blank
from leukoscope.randomness import generator

PLAIN = Look(
    tuple((float(r), float(g), float(b)) for r, g, b in ABSORBANCE), (0.9, 0.8, 0.7), blur=0.0, grain=0.0, gradient=0.0
)


def test_a_look_belongs_to_a_patient_and_a_seed() -> None:
    assert draw_look(1, "P01") == draw_look(1, "P01")
    assert len({draw_look(1, "P01"), draw_look(1, "P02"), draw_look(2, "P01"), draw_look(1, "P01", "black")}) == 4


def test_without_stain_the_lamp_is_seen() -> None:
    light = develop(blank(8), PLAIN, 4, 10.0, generator(0, "a"))
    assert light[1, 2].tolist() == pytest.approx([0.9 * 255, 0.8 * 255, 0.7 * 255], rel=1e-4)


def test_light_falls_by_the_law_of_beer_and_lambert() -> None:
    once, twice = blank(8), blank(8)
    everywhere = np.ones((8, 8), dtype=np.float32)
    add(once, everywhere, Stain(haem=1.0))
    for _ in range(2):
        add(twice, everywhere, Stain(haem=1.0))
    empty, one, two = (develop(stains, PLAIN, 4, 10.0, generator(0, "a"))[0, 0] for stains in (blank(8), once, twice))
    assert (one / empty).tolist() == pytest.approx(np.exp(-ABSORBANCE[3]).tolist(), rel=1e-4)
    assert (two / one).tolist() == pytest.approx((one / empty).tolist(), rel=1e-4)


def test_the_lit_side_is_brighter() -> None:
    look = Look(PLAIN.absorbance, PLAIN.lamp, gradient=0.1, direction=0.0, blur=0.0, grain=0.0)
    light = develop(blank(32), look, 16, 10.0, generator(0, "a"))
    assert light[:, -1].mean() > 1.1 * light[:, 0].mean()


def test_the_camera_adds_its_noise() -> None:
    look = Look(PLAIN.absorbance, PLAIN.lamp, blur=0.0, grain=2.0)
    light = develop(blank(128), look, 64, 10.0, generator(0, "a"))
    assert light.std(axis=(0, 1)).tolist() == pytest.approx([2, 2, 2], rel=0.1)
