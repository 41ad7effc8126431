from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.decode import Decoded
from leukoscope.pictures.facts import measure
from leukoscope.pictures.optical_density import BETA, WHITE, colours, densities


def field(colour: tuple[int, int, int] = (250, 235, 210)) -> np.ndarray:
    pixels = np.full((40, 40, 3), colour, dtype=np.uint8)
    pixels[10:30, 10:30] = (90, 40, 150)
    return pixels


def test_density_is_the_logarithm_of_lamp_over_pixel() -> None:
    seen = densities(field())
    assert seen is not None
    assert not seen.on_black
    assert np.allclose(seen.density[0, 0], 0, atol=1e-6)
    assert np.allclose(seen.density[20, 20], np.log([258 / 98, 243 / 48, 218 / 158]), atol=1e-6)


def test_the_lamp_is_what_the_background_shows_though_most_is_stained() -> None:
    pixels = np.full((40, 40, 3), (90, 40, 150), dtype=np.uint8)
    pixels[:6] = (250, 235, 210)
    seen = densities(pixels)
    assert seen is not None
    assert np.allclose(seen.density[0, 0], 0, atol=1e-6)


def test_only_what_absorbs_is_stained_and_changed() -> None:
    seen = densities(field())
    assert seen is not None
    assert seen.stained[10:30, 10:30].all()
    assert seen.stained.sum() == 400
    assert seen.weight[20, 20] == 1
    assert seen.weight[0, 0] == 0
    assert BETA > 0.1


def test_the_picture_comes_back_in_white_light() -> None:
    pixels = field((245, 245, 245))
    seen = densities(pixels)
    assert seen is not None
    assert np.array_equal(colours(seen.density, seen.hidden), pixels)
    cream = densities(field())
    assert cream is not None
    assert (colours(cream.density, cream.hidden)[0, 0] == WHITE).all()


@pytest.mark.parametrize("kind", ["smear", "on black", "one dark corner"])
def test_black_is_background_where_the_table_of_pictures_says_so(kind: str) -> None:
    pixels = field((0, 0, 0) if kind == "on black" else (250, 235, 210))
    if kind == "on black":
        pixels[10:14, 10:14] = 0  # not a full rectangle: a cell
    if kind == "one dark corner":
        pixels[:5, :5] = 0
    seen = densities(pixels)
    assert seen is not None
    facts = measure(Decoded(pixels, 40, 40, "RGB", "PNG", ()), 0, "")
    assert seen.on_black == facts.black_background == (kind == "on black")


def test_black_margins_do_not_make_a_smear_a_cell_on_black() -> None:
    padded = np.zeros((60, 60, 3), dtype=np.uint8)
    padded[10:50, 10:50] = field()
    seen, bare = densities(padded), densities(field())
    assert seen is not None
    assert bare is not None
    assert not seen.on_black
    assert np.array_equal(seen.hidden, (padded == 0).all(axis=2))
    assert np.array_equal(seen.density[10:50, 10:50], bare.density)
    assert seen.stained.sum() == bare.stained.sum()


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (60, 60)])
@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_nothing_is_said_of_a_uniform_picture(shape: tuple[int, int], level: int) -> None:
    assert densities(np.full((*shape, 3), level, dtype=np.uint8)) is None


def test_63_stained_pixels_are_too_few() -> None:
    pixels = np.full((40, 40, 3), 245, dtype=np.uint8)
    pixels[:7, :9] = 60
    assert densities(pixels) is None
    pixels[7, 0] = 60
    assert densities(pixels) is not None
