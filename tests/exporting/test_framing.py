from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.exporting.framing import PixelsInGraph, fits_graph
from leukoscope.pictures.framing import parse_framing

NOISE = np.random.default_rng(0).integers(0, 256, (3, 90, 90, 3), dtype=np.uint8)


def largest_step(entries: list[dict[str, Any]], pictures: np.ndarray) -> tuple[int, float]:
    """Return by how many levels a graph's pixels differ from the framing's, and of what share of them."""
    framing = parse_framing(entries)
    wanted = np.stack([framing.apply(picture) for picture in pictures])
    found = PixelsInGraph(framing)(torch.from_numpy(pictures.copy())).permute(0, 2, 3, 1).numpy() * 255
    apart = np.rint(np.abs(found - wanted))
    return int(apart.max()), float((apart > 0).mean())


@pytest.mark.parametrize("side", [[64, 64], [31, 77], [90, 90], [120, 40], [1, 1], [101, 100]])
def test_a_crop_is_the_same_whatever_the_picture_s_size(side: list[int]) -> None:
    for height, width in ((90, 90), (31, 90), (90, 12), (5, 7), (1, 1)):
        assert largest_step([{"center_crop": side}], NOISE[:, :height, :width]) == (0, 0.0)


@pytest.mark.parametrize("to", [[45, 45], [30, 30], [64, 64], [50, 50], [90, 20], [10, 18]])
def test_what_shrinks_is_averaged_as_by_opencv(to: list[int]) -> None:
    assert largest_step([{"resize": to}], NOISE) == (0, 0.0)


@pytest.mark.parametrize("to", [[128, 128], [91, 91], [180, 180], [200, 333]])
def test_what_grows_is_interpolated_as_by_opencv(to: list[int]) -> None:
    for height, width in ((90, 90), (31, 90), (5, 7), (1, 1), (3, 1)):
        assert largest_step([{"resize": to}], NOISE[:, :height, :width]) == (0, 0.0)


@pytest.mark.parametrize("to", [[120, 30], [30, 120], [90, 100], [64, 91]])
def test_one_side_may_shrink_while_the_other_grows(to: list[int]) -> None:
    assert largest_step([{"resize": to}], NOISE) == (0, 0.0)


def test_where_a_mean_lies_at_a_half_a_pixel_may_differ_by_one_level() -> None:
    for to in (7, [50, 33]):
        levels, share = largest_step([{"resize": to}], NOISE)
        assert levels <= 1
        assert share < 0.01


def test_steps_follow_one_another() -> None:
    for height, width in ((90, 90), (40, 90)):
        assert largest_step([{"center_crop": 60}, {"resize": 48}], NOISE[:, :height, :width]) == (0, 0.0)
        assert largest_step([{"resize": [70, 50]}, {"center_crop": 64}], NOISE[:, :height, :width]) == (0, 0.0)


def test_without_framing_pictures_are_only_scaled() -> None:
    found = PixelsInGraph(None)(torch.from_numpy(NOISE.copy()))
    assert found.shape == (3, 3, 90, 90)
    torch.testing.assert_close(found, torch.from_numpy(NOISE.copy()).permute(0, 3, 1, 2).float() / 255)


def test_only_crops_and_resizes_fit_into_a_graph() -> None:
    assert fits_graph(parse_framing([{"center_crop": 60}, {"resize": 48}]))
    assert not fits_graph(parse_framing([{"threshold_crop": "exact"}, {"resize": 48}]))
