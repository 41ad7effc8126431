from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import Clahe, parse_framing


def luma(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV).astype(int)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 10), st.integers(0, 99))
def test_a_picture_keeps_its_size_and_comes_out_the_same_each_time(
    height: int, width: int, tiles: int, seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    framing = parse_framing([{"clahe": {"tiles": tiles}}])
    before = pixels.copy()
    once = framing.apply(pixels)
    assert once.shape == pixels.shape
    assert np.array_equal(framing.apply(pixels), once)
    assert np.array_equal(pixels, before)


def test_contrast_grows_in_brightness_and_colour_stays() -> None:
    rng = np.random.default_rng(0)
    grey = cv2.GaussianBlur(rng.normal(0, 60, (128, 128)), (0, 0), 3)
    pixels = np.clip(np.array([120, 90, 140]) + grey[:, :, None], 0, 255).astype(np.uint8)
    before, after = luma(pixels), luma(Clahe().apply(pixels))
    assert after[:, :, 0].std() > 1.5 * before[:, :, 0].std()
    assert np.abs(after[:, :, 1:] - before[:, :, 1:]).max() <= 2


def test_a_higher_limit_gives_more_contrast() -> None:
    rng = np.random.default_rng(1)
    pixels = np.clip(rng.normal(120, 4, (64, 64, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    spread = [Clahe(clip=clip).apply(pixels)[:, :, 0].std() for clip in (1.0, 2.0, 8.0)]
    assert spread == sorted(spread)
    assert spread[2] > 1.5 * spread[0]


def test_black_does_not_stay_pure_black(cell_on_black: np.ndarray) -> None:
    hidden = ~cell_on_black.any(axis=2)
    background = Clahe().apply(cell_on_black)[hidden]
    assert 0 < background.min() <= background.max() < 32


def test_how_it_is_written() -> None:
    framing = parse_framing([{"clahe": {}}])
    assert framing.spec() == [{"clahe": {"clip": 2.0, "tiles": 8}}]
    assert framing.size is None
    with pytest.raises(SettingsError) as caught:
        parse_framing([{"clahe": {"clip": 0, "tiles": 100}}])
    assert str(caught.value) == (
        "The framing cannot be used:\n"
        "  - step 1: clahe: clip must be greater than 0; got 0.\n"
        "  - step 1: clahe: tiles must be less than or equal to 64; got 100.\n"
        "  what to do: Mend 'framing' in the recipe."
    )
