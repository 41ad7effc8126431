from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leukoscope.reports.thumbnails import (
    FRAME,
    SIDE,
    Window,
    as_jpeg,
    cell_window,
    cut,
    framed,
    outlined,
    shrunk,
    turned_back,
)


def disc(size: int, x: int, y: int, radius: int) -> np.ndarray:
    """Return a white disc with a grey wedge to its right, on black."""
    rows, columns = np.mgrid[:size, :size]
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    pixels = np.where(inside, 255, 0)
    pixels[inside & (columns > x + radius // 2)] = 120
    return np.repeat(pixels[..., None], 3, axis=2).astype(np.uint8)


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_thumbnail_is_never_larger_than_its_limit_nor_than_the_picture(height: int, width: int) -> None:
    small = shrunk(np.zeros((height, width, 3), np.uint8))
    assert max(small.shape[:2]) == min(max(height, width), SIDE)
    assert min(small.shape[:2]) >= 1


@given(st.integers(-60, 160), st.integers(-60, 160), st.integers(1, 300))
def test_a_window_may_lie_anywhere(x: int, y: int, side: int) -> None:
    pixels = np.full((100, 80, 3), 9, np.uint8)
    square = cut(pixels, Window(x, y, side))
    assert square.shape == (min(side, SIDE), min(side, SIDE), 3)
    assert set(np.unique(square)) <= set(range(12))


def test_two_cells_are_cut_at_one_scale_and_in_their_middle() -> None:
    near, far = disc(300, 150, 150, 40), disc(300, 90, 200, 40)
    one = cut(near, cell_window((110, 110, 191, 191), 100))
    two = cut(far, cell_window((50, 160, 131, 241), 100))
    assert one.shape == two.shape == (108, 108, 3)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_what_was_mirrored_and_turned_against_the_clock_is_turned_back(quarters: int, flipped: bool) -> None:
    before = np.random.default_rng(0).integers(0, 255, (33, 33, 3), dtype=np.uint8)
    after = np.rot90(before[:, ::-1] if flipped else before, quarters)
    np.testing.assert_array_equal(turned_back(after, 90.0 * quarters, flipped=flipped), before)


def test_the_frame_is_where_the_centre_crop_cuts() -> None:
    drawn = framed(np.zeros((100, 100, 3), np.uint8), 60)
    edge = np.argwhere((drawn == FRAME).all(axis=2))
    assert edge.min(axis=0).tolist() == [20, 20]
    assert edge.max(axis=0).tolist() == [79, 79]
    assert (drawn[30:70, 30:70] == 0).all()


def test_a_crop_larger_than_the_picture_is_framed_at_its_edge() -> None:
    drawn = framed(np.zeros((40, 50, 3), np.uint8), 500)
    edge = np.argwhere((drawn == FRAME).all(axis=2))
    assert (edge.min(axis=0).tolist(), edge.max(axis=0).tolist()) == ([0, 0], [39, 49])


def test_a_box_is_drawn_where_it_lies_in_the_shrunk_picture() -> None:
    drawn = outlined(np.zeros((480, 640, 3), np.uint8), (160, 240, 320, 360))
    edge = np.argwhere((drawn == FRAME).all(axis=2))
    assert drawn.shape == (96, 128, 3)
    assert (edge.min(axis=0).tolist(), edge.max(axis=0).tolist()) == ([48, 32], [71, 63])


def test_a_box_without_area_is_drawn_large_enough_to_be_seen() -> None:
    drawn = outlined(np.zeros((100, 100, 3), np.uint8), (50, 60, 50, 60))
    edge = np.argwhere((drawn == FRAME).all(axis=2))
    assert (edge.min(axis=0).tolist(), edge.max(axis=0).tolist()) == ([55, 45], [64, 54])


def test_a_jpeg_is_small_and_the_same_each_time() -> None:
    pixels = disc(128, 64, 64, 50)
    content = as_jpeg(pixels)
    assert content == as_jpeg(pixels.copy())
    with Image.open(io.BytesIO(content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (128, 128))
        assert np.abs(np.asarray(opened).astype(int) - pixels).mean() < 3
    assert len(content) < 20_000
