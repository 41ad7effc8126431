"""The chromatin's texture: against scikit-image where the nucleus fills the picture, else against a loop."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from skimage.feature import graycomatrix, graycoprops

from leukoscope.pictures.handcrafted.chromatin import FAR, LEVELS, NEAR, NEIGHBOURS, PATTERN_OF, TEXTURES, texture_of

Bits = npt.NDArray[np.uint8]
NAMES = [one.name for one in TEXTURES]
PROPERTIES = ("contrast", "homogeneity", "energy", "correlation")


def grains(seed: int, shape: tuple[int, int] = (19, 23)) -> Bits:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def measured(green: Bits, nucleus: npt.NDArray[np.bool_] | None = None) -> dict[str, float]:
    mask = np.ones(green.shape, dtype=bool) if nucleus is None else nucleus
    return dict(zip(NAMES, texture_of(green, mask), strict=True))


@pytest.mark.parametrize(("prefix", "apart"), [("chromatin", NEAR), ("chromatin_far", FAR)])
def test_cooccurrence_is_scikit_images(prefix: str, apart: int) -> None:
    green = grains(1)
    steps = green // (256 // LEVELS)
    # scikit-image rounds the diagonal's offset: a distance of its own for each.
    counts = sum(
        graycomatrix(steps, [length], [angle], levels=LEVELS, symmetric=True)[:, :, 0, 0].astype(float)
        for angle, length in (
            (0, apart),
            (np.pi / 4, apart * 2**0.5),
            (np.pi / 2, apart),
            (3 * np.pi / 4, apart * 2**0.5),
        )
    )
    shares = (counts / counts.sum())[:, :, None, None]
    found = measured(green)
    for name in PROPERTIES:
        assert found[f"{prefix}_{name}"] == pytest.approx(graycoprops(shares, name)[0, 0]), name


def test_pairs_that_leave_the_nucleus_do_not_count() -> None:
    nucleus = np.zeros((19, 23), dtype=bool)
    nucleus[4:15, 3:18] = True
    other = np.where(nucleus, grains(2), grains(3)).astype(np.uint8)
    assert measured(other, nucleus) == measured(np.where(nucleus, grains(2), 0).astype(np.uint8), nucleus)
    inside = measured(np.ascontiguousarray(grains(2)[4:15, 3:18]))
    assert measured(other, nucleus) == pytest.approx(inside)


def test_patterns_are_those_of_a_loop() -> None:
    green = grains(4)
    found = measured(green)
    counts = dict.fromkeys(range(10), 0)
    for row in range(1, 18):
        for column in range(1, 22):
            around = [green[row + down, column + across] >= green[row, column] for down, across in NEIGHBOURS]
            changes = sum(one != other for one, other in zip(around, around[1:] + around[:1], strict=True))
            counts[sum(around) if changes <= 2 else 9] += 1
    shares = [found[f"chromatin_pattern_{name}"] for name in (*range(9), "mixed")]
    assert shares == pytest.approx([count / (17 * 21) for count in counts.values()])


def test_there_are_58_codes_of_one_run() -> None:
    assert (PATTERN_OF < 9).sum() == 58
    assert PATTERN_OF[[0, 255, 0b1, 0b1000_0001, 0b101]].tolist() == [0, 8, 1, 2, 9]


def test_even_chromatin_and_a_nucleus_of_one_pixel() -> None:
    even = measured(np.full((9, 9), 77, dtype=np.uint8))
    assert [even[f"chromatin_{name}"] for name in PROPERTIES] == [0, 1, 1, 1]
    assert even["chromatin_pattern_8"] == 1
    lone = measured(grains(5, (1, 1)))
    assert [lone[f"chromatin_far_{name}"] for name in PROPERTIES] == [0, 1, 1, 1]
    assert sum(lone[name] for name in NAMES if "pattern" in name) == 0


@pytest.mark.parametrize("quarters", range(4))
def test_turning_and_mirroring_change_nothing(quarters: int) -> None:
    turned = np.ascontiguousarray(np.rot90(grains(6), quarters))
    expected = texture_of(grains(6), np.ones((19, 23), dtype=bool))
    for other in (turned, np.ascontiguousarray(turned[::-1])):
        np.testing.assert_allclose(texture_of(other, np.ones(other.shape, dtype=bool)), expected, atol=1e-9)


def test_coarse_chromatin_is_told_from_fine() -> None:
    fine = grains(7, (64, 64))
    coarse = np.kron(grains(8, (16, 16)), np.ones((4, 4), dtype=np.uint8))
    assert measured(coarse)["chromatin_contrast"] < 0.5 * measured(fine)["chromatin_contrast"]
    assert measured(coarse)["chromatin_correlation"] > 0.6
    assert abs(measured(fine)["chromatin_correlation"]) < 0.1
    assert all(math.isfinite(value) for value in measured(fine).values())
