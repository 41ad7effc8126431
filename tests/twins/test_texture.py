from __future__ import annotations

import numpy as np
import pytest

from leukoscope.twins.texture import correlation, roughness, texture, without_rings

RNG = np.random.default_rng(0)
GREY = RNG.normal(100, 10, (64, 64)).astype(np.float32)
WEIGHT = np.ones((64, 64), np.float32)
WEIGHT[:20] = 0


def test_brightness_and_contrast_are_taken_out() -> None:
    slope = np.linspace(0.5, 1.5, 64, dtype=np.float32)
    one, two = texture(GREY, WEIGHT, 3, 1e-3), texture(GREY * slope + 40 * slope, WEIGHT, 3, 1e-3)
    assert correlation(one, two, WEIGHT) > 0.98


def test_what_lies_beyond_the_weight_has_no_influence() -> None:
    other = np.where(WEIGHT > 0, GREY, 255)
    np.testing.assert_array_equal(texture(GREY, WEIGHT, 3, 1), texture(other.astype(np.float32), WEIGHT, 3, 1))
    assert not texture(GREY, WEIGHT, 3, 1)[:20].any()


def test_a_plain_patch_stays_plain_and_noise_is_not_amplified() -> None:
    plain = np.full((64, 64), 77, np.float32)
    assert np.abs(texture(plain, WEIGHT, 3, 1)).max() < 1e-3
    assert roughness(plain, WEIGHT, 3) < 1e-3
    assert roughness(GREY, WEIGHT, 3) == pytest.approx(10, rel=0.1)
    assert roughness(GREY, np.zeros_like(WEIGHT), 3) == 0
    assert np.abs(texture(plain + 0.01 * GREY, WEIGHT, 3, 1)).max() < 0.5


def test_correlation_is_numpys_under_a_weight() -> None:
    other = GREY + RNG.normal(0, 10, GREY.shape)
    seen = WEIGHT > 0
    assert correlation(GREY, other, WEIGHT) == pytest.approx(np.corrcoef(GREY[seen], other[seen])[0, 1])
    assert correlation(GREY, np.ones_like(GREY), WEIGHT) == 0
    assert correlation(GREY, other, np.zeros_like(WEIGHT)) == 0


def test_what_depends_on_the_distance_from_the_centre_alone_is_taken_out() -> None:
    rows, columns = np.mgrid[:64, :64] - 32
    rings = np.floor(np.hypot(rows, columns)) ** 2
    assert np.abs(without_rings(rings, WEIGHT)[20:]).max() < 1e-3
    np.testing.assert_allclose(without_rings(rings + GREY, WEIGHT)[20:], without_rings(GREY, WEIGHT)[20:], atol=1e-3)
