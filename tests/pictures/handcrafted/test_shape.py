"""Size and shape of masks, against figures whose measures are known."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import perimeter as expected_perimeter

from leukoscope.pictures.handcrafted.shape import SHAPES, perimeter, shape_of

Mask = npt.NDArray[np.bool_]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def measured(cell: Mask, nucleus: Mask) -> dict[str, float]:
    return dict(zip([one.name for one in SHAPES], shape_of(cell, nucleus), strict=True))


def disc(radius: float, at: tuple[float, float] = (60, 60), side: int = 121) -> Mask:
    rows, columns = np.mgrid[:side, :side]
    return np.asarray(np.hypot(rows - at[0], columns - at[1]) <= radius)


@settings(max_examples=60, deadline=None)
@given(MASKS)
def test_the_perimeter_is_scikit_images(mask: Mask) -> None:
    assert perimeter(mask) == pytest.approx(expected_perimeter(mask, neighborhood=4))


def test_a_disc_within_a_disc() -> None:
    found = measured(disc(50), disc(25))
    assert found["cell_area"] == disc(50).sum()
    assert found["cell_perimeter"] == pytest.approx(2 * math.pi * 50, rel=0.07)
    assert found["cell_compactness"] == pytest.approx(1, abs=0.15)
    for name in ("cell_circle", "cell_solidity", "nucleus_circle", "nucleus_solidity"):
        assert 0.94 < found[name] <= 1, name
    assert found["cell_axes"] == pytest.approx(1)
    assert found["nucleus_to_cytoplasm"] == pytest.approx(1 / 3, rel=0.01)
    assert found["nucleus_offset"] == 0


def test_a_rectangle_and_a_cross() -> None:
    bar = np.zeros((40, 90), dtype=bool)
    bar[10:30, 5:85] = True
    found = measured(bar, bar)
    assert found["cell_solidity"] == 1
    assert found["cell_axes"] == pytest.approx(20 / 80)
    assert found["cell_circle"] == pytest.approx(20 * 80 / (math.pi * (20**2 + 80**2) / 4), rel=1e-4)
    cross = np.zeros((90, 90), dtype=bool)
    cross[40:50, 5:85] = cross[5:85, 40:50] = True
    assert measured(cross, cross)["cell_solidity"] == pytest.approx(cross.sum() / (80**2 - 2 * 35**2), rel=1e-6)
    assert measured(cross, cross)["cell_compactness"] > 3


def test_a_nucleus_off_the_middle_and_one_without_cytoplasm() -> None:
    aside = measured(disc(50), disc(25, at=(60, 80)))
    assert aside["nucleus_offset"] == pytest.approx(20 / 50, abs=0.01)
    assert measured(disc(50), disc(50))["nucleus_to_cytoplasm"] == 100


def test_a_single_pixel_is_round_and_whole() -> None:
    one = np.zeros((3, 3), dtype=bool)
    one[1, 1] = True
    found = measured(one, one)
    assert (found["cell_area"], found["cell_solidity"], found["cell_axes"]) == (1, 1, 1)
    assert found["cell_circle"] == pytest.approx(2 / math.pi, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(MASKS, st.integers(0, 3), st.booleans())
def test_any_mask_is_in_range_and_turning_changes_nothing(mask: Mask, quarters: int, mirrored: bool) -> None:
    mask[0, 0] = True
    found = shape_of(mask, mask)
    for measure, value in zip(SHAPES, found, strict=True):
        assert measure.range[0] <= value <= measure.range[1] + 1e-9, measure.name
    turned = np.rot90(mask, quarters)
    other = np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
    np.testing.assert_allclose(shape_of(other, other), found, rtol=1e-3, atol=1e-9)
