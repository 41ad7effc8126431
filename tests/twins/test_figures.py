from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from leukoscope.twins.figures import FIELD, RADIUS, SIDE, SMALLEST, Figure, figure

Drawn = Callable[..., np.ndarray]


def shown(pixels: np.ndarray) -> Figure:
    found = figure(pixels)
    assert found is not None
    return found


def test_a_cell_on_black_is_centred_and_scaled_by_its_mask(cell: Drawn) -> None:
    found = shown(cell(1))
    assert found.on_black
    assert found.weight.sum() == pytest.approx(np.pi * RADIUS**2, rel=0.01)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    middle = [(found.weight * axis).sum() / found.weight.sum() for axis in (rows, columns)]
    assert middle == pytest.approx([SIDE / 2, SIDE / 2], abs=0.3)


@pytest.mark.parametrize("field", [False, True])
def test_a_shifted_and_rescaled_picture_gives_the_same_figure(field: bool, cell: Drawn, turned: Drawn) -> None:
    pixels = cell(2, field=field)
    first = shown(pixels)
    second = shown(cv2.resize(turned(pixels, 0, shift=(6, -4)), None, fx=1.02, fy=1.02))
    both = (first.weight > 0.5) & (second.weight > 0.5)
    assert np.corrcoef(first.grey[both], second.grey[both])[0, 1] > 0.97
    moved = np.subtract(second.middle, first.middle)
    scale = RADIUS / (FIELD * 200 if field else np.sqrt((pixels.max(axis=2) > 0).sum() / np.pi))
    assert moved == pytest.approx(np.multiply((-6, 4), scale), abs=0.7)


def test_a_background_that_jpeg_lightened_is_still_black(cell: Drawn) -> None:
    pixels = cell(3)
    dirty = np.maximum(pixels, np.random.default_rng(0).integers(0, 8, pixels.shape, dtype=np.uint8))
    assert np.abs(shown(pixels).weight - shown(dirty).weight).max() < 0.05


def test_a_speck_beside_the_cell_and_a_hole_in_it_change_nothing(cell: Drawn) -> None:
    pixels = cell(4)
    spoilt = pixels.copy()
    spoilt[20:26, 20:26] = 200
    spoilt[98:102, 98:102] = 0
    np.testing.assert_allclose(shown(spoilt).weight, shown(pixels).weight, atol=1e-6)


def test_a_field_with_black_corners_is_a_field(cell: Drawn) -> None:
    pixels = cell(5, field=True)
    around = cv2.getRotationMatrix2D((99.5, 99.5), 45, 1)
    found = shown(cv2.warpAffine(pixels, around, (200, 200)))
    assert not found.on_black
    assert found.middle == pytest.approx(shown(pixels).middle, abs=3)


def test_nothing_and_what_is_too_small_has_no_figure(cell: Drawn) -> None:
    assert figure(np.zeros((50, 60, 3), np.uint8)) is None
    assert figure(np.full((1, 1, 3), 90, np.uint8)) is None
    speck = np.zeros((100, 100, 3), np.uint8)
    speck[40:60, 40:60] = 200
    assert figure(speck) is None
    least = int(SMALLEST / FIELD) + 1
    assert figure(cell(6, field=True, side=least)) is not None
    assert figure(cell(6, field=True, side=least - 1)) is None
