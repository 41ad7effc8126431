from __future__ import annotations

import cv2
import numpy as np
import pytest

from leukoscope.pictures.cell_shape import cell_shape, circularity, solidity, touches_border, whole_cell


def disc(radius: int = 60, side: int = 200) -> np.ndarray:
    drawn = np.zeros((side, side), np.uint8)
    cv2.circle(drawn, (side // 2, side // 2), radius, 1, -1)
    return drawn > 0


def square(half: int = 50) -> np.ndarray:
    mask = np.zeros((200, 200), dtype=bool)
    mask[100 - half : 100 + half, 100 - half : 100 + half] = True
    return mask


def half_moon() -> np.ndarray:
    """Half of a ring: of outer radius 80 and inner radius 40."""
    away = np.hypot(*(np.mgrid[:200, :200] - 99.5))
    return np.asarray((away <= 80) & (away >= 40) & (np.arange(200)[:, None] < 100))


def on_black(mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], np.array([90, 40, 110], np.uint8), np.uint8(0))


def test_a_disc_is_round_and_has_no_dent() -> None:
    for radius in (20, 60, 90):
        assert circularity(disc(radius)) == pytest.approx(1, abs=0.02)
    assert solidity(disc()) > 0.98


def test_a_square_has_its_known_values() -> None:
    assert circularity(square()) == pytest.approx(np.pi / 4, rel=0.03)
    assert circularity(square(15)) == pytest.approx(np.pi / 4, rel=0.1)
    assert solidity(square()) == 1


def test_a_half_moon_is_dented_and_not_round() -> None:
    mask = half_moon()
    # Half a ring: area pi (R^2 - r^2) / 2, hull pi R^2 / 2, perimeter pi (R + r) + 2 (R - r).
    assert solidity(mask) == pytest.approx(1 - (40 / 80) ** 2, abs=0.02)
    area, around = np.pi * (80**2 - 40**2) / 2, np.pi * 120 + 80
    assert circularity(mask) == pytest.approx(4 * np.pi * area / around**2, rel=0.04)


@pytest.mark.parametrize("turns", range(4))
def test_every_side_of_the_picture_is_a_border(turns: int) -> None:
    mask = np.zeros((50, 60), dtype=bool)
    mask[0:20, 20:40] = True
    inside = np.roll(mask, 10, axis=0)
    assert touches_border(np.rot90(mask, turns))
    assert not touches_border(np.rot90(inside, turns))


def test_the_cell_on_black_is_its_largest_piece_with_its_measures() -> None:
    mask = disc()
    picture = on_black(mask)
    picture[20:23, 20:23] = 200  # a speck beside it
    found = cell_shape(picture)
    assert found is not None
    assert found.area == mask.sum()
    assert found.background_share == pytest.approx(1 - mask.sum() / mask.size)
    assert found.brightness == pytest.approx(cv2.cvtColor(picture[100:101, 100:101], cv2.COLOR_RGB2GRAY)[0, 0])
    assert not found.touches_border


def test_an_empty_picture_has_no_cell() -> None:
    assert cell_shape(np.zeros((60, 60, 3), np.uint8)) is None
    assert cell_shape(np.full((60, 60, 3), 230, np.uint8)) is None


def test_a_pixel_has_bounded_measures() -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    picture[4, 4] = 100
    found = cell_shape(picture)
    assert found is not None
    assert (found.area, found.solidity) == (1, 1.0)
    assert 0 <= found.circularity <= 2


def test_in_a_smear_the_stained_cell_is_found() -> None:
    picture = np.full((224, 224, 3), (235, 225, 230), np.uint8)
    cv2.circle(picture, (112, 112), 40, (170, 160, 215), -1)
    cv2.circle(picture, (112, 112), 30, (80, 40, 120), -1)
    mask = whole_cell(picture)
    assert mask is not None
    assert mask.sum() == pytest.approx(np.pi * 40**2, rel=0.1)
    assert circularity(mask) > 0.85
