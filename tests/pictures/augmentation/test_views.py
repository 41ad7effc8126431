from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.pictures.augmentation import View, views
from leukoscope.pictures.augmentation.views import Crops, Flips


def cells(height: int = 24, width: int = 24) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    return np.array([cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in coarse])


def as_tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 255


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3, 4])
@pytest.mark.parametrize("mirrored", [False, True])
def test_quarters_and_mirrorings_are_exact_in_both_backends(quarters: int, mirrored: bool) -> None:
    wanted = np.rot90(cells(), quarters, axes=(1, 2))
    wanted = wanted[:, :, ::-1] if mirrored else wanted
    view = View(90.0 * quarters, mirrored)
    assert np.array_equal(view.of(cells()), wanted)
    assert torch.equal(view.of(as_tensor(cells())), as_tensor(wanted))


@pytest.mark.parametrize(("height", "width"), [(24, 24), (20, 31)])
@pytest.mark.parametrize("degrees", [17.0, 45.0, 90.0, 222.5])
@pytest.mark.parametrize("mirrored", [False, True])
def test_backends_agree_at_any_angle(degrees: float, height: int, width: int, mirrored: bool) -> None:
    view, pixels = View(degrees, mirrored), cells(height, width)
    arrays = view.of(pixels, fill="edge").astype(float)
    tensors = view.of(as_tensor(pixels), fill="edge").permute(0, 2, 3, 1).numpy() * 255
    assert np.abs(arrays - tensors).max() <= 2.0


def test_a_turn_and_back_gives_the_middle_again() -> None:
    coarse = np.full((1, 60, 60, 3), 50, dtype=np.uint8)
    cv2.circle(coarse[0], (36, 25), 9, (200, 150, 90), -1)
    blurred = cv2.GaussianBlur(coarse[0], (0, 0), 2.0)[None]
    back = View(-33.0).of(View(33.0).of(blurred))
    middle = slice(15, 45)
    assert np.abs(back[:, middle, middle].astype(int) - blurred[:, middle, middle]).max() <= 6


def test_the_first_view_is_the_picture_as_it_is() -> None:
    assert views() == (View(),)
    assert View().of(cells()) is not None
    assert np.array_equal(views(rotations=3, flips="both")[0].of(cells()), cells())


@pytest.mark.parametrize(
    ("count", "wanted"),
    [
        (2, [0, 180]),
        (3, [0, 240, 120]),
        (4, [0, 270, 180, 90]),
        (8, [0, 225, 90, 315, 180, 45, 270, 135]),
    ],
)
def test_exact_and_interpolated_angles_take_turns(count: int, wanted: list[int]) -> None:
    assert [view.degrees for view in views(rotations=count)] == wanted


@settings(deadline=None)
@given(count=st.integers(1, 64))
def test_rotations_are_spread_evenly(count: int) -> None:
    degrees = sorted(view.degrees for view in views(rotations=count))
    assert degrees == pytest.approx([360 * number / count for number in range(count)])


@settings(deadline=None)
@given(
    rotations=st.integers(1, 12),
    flips=st.sampled_from(["none", "horizontal", "both"]),
    crops=st.sampled_from(["none", "five"]),
)
def test_all_combinations_are_there_once(rotations: int, flips: Flips, crops: Crops) -> None:
    found = views(rotations, flips, crops)
    # Of an even number of rotations, half a turn is one; then top to bottom adds nothing to left to right.
    flipped = {"none": 1, "horizontal": 2, "both": 4 if rotations % 2 else 2}[flips]
    assert len(found) == len(set(found)) == rotations * flipped * (5 if crops == "five" else 1)
    assert found[0] == View(place=(0.5, 0.5) if crops == "five" else None)


@pytest.mark.parametrize("rotations", [1, 2, 3])
def test_flips_are_left_to_right_top_to_bottom_and_both(rotations: int) -> None:
    found = {view.of(cells()[:1]).tobytes() for view in views(rotations=rotations, flips="both")}
    turned = [view.of(cells()[:1]) for view in views(rotations=rotations)]
    wanted = {
        np.ascontiguousarray(one[:, ::down, ::across]).tobytes()
        for one in turned
        for down in (1, -1)
        for across in (1, -1)
    }
    if rotations < 3:  # 120 degrees are interpolated, and then the half turn may round otherwise
        assert found == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize(("height", "width"), [(24, 24), (20, 31)])
def test_five_crops_are_the_centre_and_the_corners(height: int, width: int) -> None:
    pixels, (high, wide) = cells(height, width), (round(0.75 * height), round(0.75 * width))
    found = [view.of(pixels, crop_share=0.75) for view in views(crops="five")]
    top, left = (height - high) // 2, (width - wide) // 2
    assert np.array_equal(found[0], pixels[:, top : top + high, left : left + wide])
    corners = [
        pixels[:, rows, columns]
        for rows in (slice(0, high), slice(height - high, None))
        for columns in (slice(0, wide), slice(width - wide, None))
    ]
    assert {one.tobytes() for one in found[1:]} == {one.tobytes() for one in corners}
    tensors = [view.of(as_tensor(pixels), crop_share=0.75) for view in views(crops="five")]
    assert all(torch.equal(one, as_tensor(other)) for one, other in zip(tensors, found, strict=True))


def test_the_beginning_of_many_views_is_spread_over_angles_flips_and_crops() -> None:
    first = views(rotations=8, flips="horizontal", crops="five")[:6]
    assert {view.mirrored for view in first} == {False, True}
    assert len({view.degrees for view in first}) >= 2
    assert len({view.place for view in first}) >= 2
