from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import ThresholdCrop, parse_framing

EXACT, PUBLISHED = (parse_framing([{"threshold_crop": rule}]) for rule in ("exact", "published"))


@st.composite
def sparse(draw: st.DrawFn) -> np.ndarray:
    """Pictures of a few pixels that are not black, many of them of a single dark channel."""
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shown = rng.random((height, width, 3)) < draw(st.sampled_from([0.0, 0.005, 0.05, 0.5]))
    brightest = draw(st.sampled_from([2, 6, 256]))
    return (shown * rng.integers(1, brightest, shown.shape)).astype(np.uint8)


def as_sorted(pixels: np.ndarray) -> list[tuple[int, ...]]:
    return sorted(map(tuple, pixels[pixels.any(axis=2)].tolist()))


@settings(deadline=None)
@given(sparse())
def test_exact_loses_no_pixel_and_fills_its_square(pixels: np.ndarray) -> None:
    framed = EXACT.apply(pixels)
    assert framed.shape[0] == framed.shape[1]
    assert as_sorted(framed) == as_sorted(pixels)
    if pixels.any():
        shown = framed.any(axis=2)
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        # The longer side of what is shown is the square's; the shorter lies in its middle.
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == len(framed)
        for found in (rows, columns):
            assert len(framed) - 1 - found[-1] - found[0] in {0, 1}


@settings(deadline=None)
@given(sparse())
def test_exact_changes_nothing_the_second_time(pixels: np.ndarray) -> None:
    once = EXACT.apply(pixels)
    assert np.array_equal(EXACT.apply(once), once)


@settings(deadline=None)
@given(sparse())
def test_published_is_the_first_contour_that_opencv_returns(pixels: np.ndarray) -> None:
    _, bright = cv2.threshold(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 1, 255, cv2.THRESH_BINARY)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    left, top, width, height = cv2.boundingRect(contours[0]) if contours else (0, 0, *pixels.shape[1::-1])
    framed = PUBLISHED.apply(pixels)
    assert framed.shape == (max(width, height), max(width, height), 3)
    assert as_sorted(framed) == as_sorted(pixels[top : top + height, left : left + width])


def test_published_keeps_a_speck_that_lies_beneath_the_cell() -> None:
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    pixels[5:25, 8:28] = 120
    pixels[33:35, 3:6] = 60
    assert PUBLISHED.apply(pixels)[:, :, 0].tolist() == [[60] * 3, [60] * 3, [0] * 3]
    assert EXACT.apply(pixels).shape == (30, 30, 3)


def test_a_dark_rim_is_of_the_cell_when_exact_and_not_as_published() -> None:
    pixels = np.zeros((20, 20, 3), dtype=np.uint8)
    pixels[4:16, 4:16] = (0, 0, 7)  # its grey is 1
    pixels[6:14, 6:14] = 90
    assert EXACT.apply(pixels).shape == (12, 12, 3)
    assert PUBLISHED.apply(pixels).shape == (8, 8, 3)
    assert (PUBLISHED.apply(pixels) == 90).all()


def test_the_smaller_half_of_an_odd_margin_is_at_the_top_and_left() -> None:
    wide = np.zeros((9, 9, 3), dtype=np.uint8)
    wide[2:4, 1:6] = 5
    square = [[0] * 5, [5] * 5, [5] * 5, [0] * 5, [0] * 5]
    assert EXACT.apply(wide)[:, :, 0].tolist() == square
    assert EXACT.apply(wide.transpose(1, 0, 2))[:, :, 0].T.tolist() == square


def test_a_cell_at_the_border_is_kept_whole() -> None:
    pixels = np.zeros((30, 50, 3), dtype=np.uint8)
    pixels[20:, 35:] = 200
    for framing in (EXACT, PUBLISHED):
        assert int(framing.apply(pixels).any(axis=2).sum()) == 10 * 15


@pytest.mark.parametrize("framing", [EXACT, PUBLISHED])
def test_a_black_picture_comes_back_whole_and_squared(framing: object) -> None:
    assert framing.apply(np.zeros((3, 8, 3), dtype=np.uint8)).shape == (8, 8, 3)  # type: ignore[attr-defined]


def test_the_cell_alone_where_it_lay_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    cell = rng.integers(1, 256, (11, 7, 3), dtype=np.uint8)
    framed = []
    for top, left in ((0, 0), (5, 9), (29, 33)):
        pixels = np.zeros((40, 40, 3), dtype=np.uint8)
        pixels[top : top + 11, left : left + 7] = cell
        framed += [EXACT.apply(pixels), PUBLISHED.apply(pixels)]
    assert all(np.array_equal(one, framed[0]) for one in framed)


def test_how_it_is_written() -> None:
    assert parse_framing([{"threshold_crop": {}}]).steps == (ThresholdCrop(rule="exact"),)
    assert PUBLISHED.spec() == [{"threshold_crop": "published"}]
    assert EXACT.key != PUBLISHED.key
    assert EXACT.size is None
    with pytest.raises(SettingsError) as caught:
        parse_framing([{"threshold_crop": "loose"}])
    assert str(caught.value) == (
        "The framing cannot be used:\n"
        "  - step 1: threshold_crop: rule must be 'exact' or 'published'; got 'loose'.\n"
        "  what to do: Mend 'framing' in the recipe."
    )
