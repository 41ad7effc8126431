from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.framing import FRAMINGS, Framing, parse_framing, resolve_auto

sides = st.integers(1, 40)


def noise(height: int, width: int) -> np.ndarray:
    # Never 0, so that black can only come from padding.
    return np.random.default_rng(height * 100 + width).integers(1, 256, (height, width, 3), dtype=np.uint8)


@settings(deadline=None)
@given(sides, sides, sides)
def test_center_crop_has_its_size_and_is_idempotent(height: int, width: int, side: int) -> None:
    framing = parse_framing([{"center_crop": side}])
    once = framing.apply(noise(height, width))
    assert once.shape == (side, side, 3) == (*(framing.size or ()), 3)
    assert np.array_equal(framing.apply(once), once)
    assert int((once > 0).all(axis=2).sum()) == min(height, side) * min(width, side)


@settings(deadline=None)
@given(sides, sides, sides)
def test_center_crop_leaves_the_centre_alone(height: int, width: int, side: int) -> None:
    pixels = noise(height, width)
    framed = parse_framing([{"center_crop": side}]).apply(pixels)
    inner = min(height, width, side)
    middle = parse_framing([{"center_crop": inner}])
    if side >= max(height, width):  # only padded: cropping back gives the picture again
        assert np.array_equal(parse_framing([{"center_crop": [height, width]}]).apply(framed), pixels)
    elif side <= min(height, width):  # only cropped
        assert np.array_equal(middle.apply(framed), middle.apply(pixels))


def test_a_smaller_picture_is_set_in_the_middle_of_black() -> None:
    framed = parse_framing([{"center_crop": [4, 5]}]).apply(np.full((2, 2, 3), 7, dtype=np.uint8))
    assert framed[:, :, 0].tolist() == [[0] * 5, [0, 7, 7, 0, 0], [0, 7, 7, 0, 0], [0] * 5]


@settings(deadline=None)
@given(sides, sides, sides, sides)
def test_resize_has_its_size_and_is_idempotent(height: int, width: int, high: int, wide: int) -> None:
    framing = parse_framing([{"resize": [high, wide]}])
    once = framing.apply(noise(height, width))
    assert once.shape == (high, wide, 3)
    assert np.array_equal(framing.apply(once), once)


def test_resize_averages_areas_and_interpolates_between() -> None:
    halves = np.zeros((4, 4, 3), dtype=np.uint8)
    halves[:, 1::2] = 100  # every second column
    assert (parse_framing([{"resize": 2}]).apply(halves) == 50).all()
    flat = np.full((5, 7, 3), 91, dtype=np.uint8)
    assert (parse_framing([{"resize": [3, 20]}]).apply(flat) == 91).all()


def test_resize_keeps_the_mean_of_a_picture() -> None:
    pixels = cv2.resize(noise(6, 6), (96, 96), interpolation=cv2.INTER_LINEAR)
    framed = parse_framing([{"resize": 41}]).apply(pixels)
    assert abs(framed.mean() - pixels.mean()) < 0.5


def test_steps_follow_one_another() -> None:
    framing = parse_framing([{"center_crop": 20}, {"resize": 10}])
    pixels = noise(30, 40)
    crop, resize = framing.steps
    assert np.array_equal(framing.apply(pixels), resize.apply(crop.apply(pixels)))
    assert framing.size == (10, 10)
    assert Framing().size is None
    assert np.array_equal(Framing().apply(pixels), pixels)


def test_spec_is_read_back_and_keys_tell_framings_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    framing = parse_framing([{"center_crop": {"side": 300}}, {"resize": [128, 96]}])
    assert framing.spec() == [{"center_crop": 300}, {"resize": [128, 96]}]
    assert parse_framing(framing.spec()) == framing
    assert parse_framing(framing.spec()).key == framing.key
    keys = {parse_framing(spec).key for spec in ([{"resize": 128}], [{"center_crop": 128}], [])} | {framing.key}
    assert len(keys) == 4
    before = framing.key
    monkeypatch.setattr(FRAMINGS["resize"], "version", 2)
    assert framing.key != before


def test_the_result_is_contiguous_and_the_input_untouched() -> None:
    pixels = noise(9, 9)
    before = pixels.copy()
    framed = parse_framing([{"center_crop": 5}]).apply(pixels[::-1])
    assert framed.flags.c_contiguous
    framed[:] = 0
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 4), np.uint8)]
)
def test_other_arrays_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(DataError) as caught:
        parse_framing([{"resize": 2}]).apply(wrong)
    assert str(caught.value) == f"A picture must be (h, w, 3) uint8; got {wrong.shape} {wrong.dtype}."


def test_wrong_sides_are_refused_together() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_framing(
            [{"centre_crop": 300}, {"resize": 0}, {"resize": True}, {"center_crop": "auto"}, {"resize": [1, 2, 3]}]
        )
    rule = "must be a whole number from 1 to 4096, or two as [height, width]"
    assert str(caught.value) == (
        "The framing cannot be used:\n"
        "  - step 1: there is no 'centre_crop'. Did you mean 'center_crop'? "
        "Known: center_crop, clahe, macenko, otsu_hull, reinhard, resize, threshold_crop.\n"
        f"  - step 2: resize: to {rule}; got 0.\n"
        f"  - step 3: resize: to {rule}; got True.\n"
        f"  - step 4: center_crop: side {rule}; got 'auto'.\n"
        f"  - step 5: resize: to {rule}; got [1, 2, 3].\n"
        "  what to do: Mend 'framing' in the recipe."
    )


def test_auto_is_put_into_figures() -> None:
    spec = [{"center_crop": "auto"}, {"resize": 64}]
    assert resolve_auto(spec, 224) == [{"center_crop": 224}, {"resize": 64}]
    assert spec == [{"center_crop": "auto"}, {"resize": 64}]
