from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from leukoscope.pictures.augmentation import rotated, rotations


def cells(height: int = 24, width: int = 24) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    return np.array([cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in coarse])


def as_tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3, 4])
def test_quarters_are_exact_in_both_backends(quarters: int) -> None:
    wanted = np.rot90(cells(), quarters, axes=(1, 2))
    assert np.array_equal(rotated(cells(), 90 * quarters), wanted)
    assert torch.equal(rotated(as_tensor(cells()), 90 * quarters), as_tensor(np.ascontiguousarray(wanted)))


@pytest.mark.parametrize(("height", "width"), [(24, 24), (20, 31)])
@pytest.mark.parametrize("degrees", [17.0, 45.0, 90.0, 222.5])
def test_backends_agree_at_any_angle(degrees: float, height: int, width: int) -> None:
    arrays = rotated(cells(height, width), degrees, "edge").astype(float)
    tensors = rotated(as_tensor(cells(height, width)), degrees, "edge").permute(0, 2, 3, 1).numpy() * 255
    assert np.abs(arrays - tensors).max() <= 2.0


def test_a_turn_and_back_gives_the_middle_again() -> None:
    coarse = np.full((1, 60, 60, 3), 50, dtype=np.uint8)
    cv2.circle(coarse[0], (36, 25), 9, (200, 150, 90), -1)
    blurred = cv2.GaussianBlur(coarse[0], (0, 0), 2.0)[None]
    back = rotated(rotated(blurred, 33.0), -33.0)
    middle = slice(15, 45)
    assert np.abs(back[:, middle, middle].astype(int) - blurred[:, middle, middle]).max() <= 6


def test_views_are_spread_over_the_full_turn() -> None:
    views = list(rotations(cells(), 8))
    assert len(views) == 8
    for number, view in enumerate(views):
        assert np.array_equal(view, rotated(cells(), 45.0 * number))
    assert np.array_equal(views[0], cells())
    assert torch.equal(next(rotations(as_tensor(cells()), 3)), as_tensor(cells()))
    assert len(list(rotations(cells(), 1))) == 1
