"""The two backends give the same pictures; the arrays are the reference."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.errors import DataError
from leukoscope.pictures.augmentation import parse_augmentation

# The arrays are rounded to whole values twice (after the warp, after the colours), the tensors never; one level more
# for OpenCV versions that interpolate at 1/32 of a pixel.
TOLERANCE = 2.0
NAMES = [f"cell {number}" for number in range(24)]


def smooth(height: int, width: int) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(0, 256, (len(NAMES), 4, 4, 3), dtype=np.uint8)
    return np.array([cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in coarse])


def as_tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


def as_levels(tensor: Tensor) -> np.ndarray:
    return np.asarray((tensor * 255).permute(0, 2, 3, 1).numpy(), dtype=np.float64)


@pytest.mark.parametrize("fill", ["black", "edge", "reflect"])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 63)])
@pytest.mark.parametrize(
    "steps",
    [
        [{"rotate": 360}],
        [{"translate": 0.4}],
        [{"flip": 0.5}, {"rotate": 360}, {"translate": 0.2}],
        [{"translate": 0.2}, {"flip": 0.5}, {"rotate": 40}],
    ],
)
def test_warps_agree(steps: list[dict[str, Any]], height: int, width: int, fill: str) -> None:
    augmentation = parse_augmentation([*steps, {"fill": fill}])
    drawn = augmentation.draw(0, 0, NAMES)
    pixels = smooth(height, width)
    arrays = augmentation.on_arrays(pixels, drawn)
    tensors = as_levels(augmentation.on_tensors(as_tensor(pixels), drawn))
    assert np.abs(arrays - tensors).max() <= TOLERANCE
    assert np.abs(arrays.astype(float) - pixels).mean() > 10  # there was something to agree upon


@pytest.mark.parametrize(
    "steps",
    [
        [{"brightness": 0.5}],
        [{"contrast": 0.6}],
        [{"channels": 0.4}],
        [{"noise": 0.1}],
        [{"noise": 0.1}, {"contrast": 1}],
    ],
)
def test_colours_agree(steps: list[dict[str, Any]]) -> None:
    augmentation = parse_augmentation(steps)
    drawn = augmentation.draw(0, 0, NAMES)
    arrays = augmentation.on_arrays(smooth(20, 20), drawn)
    tensors = as_levels(augmentation.on_tensors(as_tensor(smooth(20, 20)), drawn))
    assert np.abs(arrays - tensors).max() <= 0.51
    assert (tensors.min(), tensors.max()) >= (0, 0)
    assert tensors.max() <= 255


@pytest.mark.parametrize(("height", "width"), [(32, 32), (30, 45)])
def test_flips_are_exact(height: int, width: int) -> None:
    augmentation = parse_augmentation([{"flip": 0.5}])
    drawn = augmentation.draw(0, 0, NAMES)
    pixels = as_tensor(np.random.default_rng(0).integers(0, 256, (len(NAMES), height, width, 3), dtype=np.uint8))
    arrays = augmentation.on_arrays((pixels * 255).round().byte().permute(0, 2, 3, 1).numpy(), drawn)
    assert torch.equal(augmentation.on_tensors(pixels, drawn), as_tensor(arrays))


def test_a_cell_does_not_depend_on_its_batch() -> None:
    augmentation = parse_augmentation([{"flip": 0.5}, {"rotate": 360}, {"noise": 0.1}, {"contrast": 0.5}])
    pixels = as_tensor(smooth(32, 32))
    whole = augmentation.on_tensors(pixels, augmentation.draw(2, 1, NAMES))
    for place in (0, 7, 23):
        alone = augmentation.on_tensors(pixels[place : place + 1], augmentation.draw(2, 1, NAMES[place : place + 1]))
        assert torch.allclose(alone[0], whole[place], atol=1e-6)


def test_the_input_is_left_as_it_was() -> None:
    augmentation = parse_augmentation([{"flip": 0.5}, {"brightness": 0.5}])
    pixels = as_tensor(smooth(16, 16))
    augmentation.on_tensors(pixels, augmentation.draw(0, 0, NAMES))
    assert torch.equal(pixels, as_tensor(smooth(16, 16)))


def test_another_number_of_cells_is_refused() -> None:
    augmentation = parse_augmentation([{"flip": 0.5}])
    with pytest.raises(DataError) as caught:
        augmentation.on_tensors(as_tensor(smooth(16, 16)), augmentation.draw(0, 0, NAMES[:2]))
    assert str(caught.value) == "There are 24 pictures but changes for 2."
