"""Hand-crafted measures of pictures: names, ranges, odd pictures, kinds of cells apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.drawn import draw_cell, draw_look
from leukoscope.pictures import cell_measures
from leukoscope.pictures.cell_mask import CellMask, cell_mask
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.handcrafted import (
    HANDCRAFTED,
    MEASURES,
    NAMES,
    measure_all_by_hand,
    measure_by_hand,
    measure_masked,
)
from leukoscope.randomness import generator

Picture = npt.NDArray[np.uint8]


def drawn(kind: str, number: int, size: int = 64) -> Picture:
    look = draw_look(0, f"P{number % 4}", "smear")
    return draw_cell(kind, size=size, background="smear", look=look, generator=generator(number, kind))


def in_range(values: npt.NDArray[np.float32]) -> None:
    assert values.dtype == np.float32
    assert values.shape == (len(MEASURES),)
    for measure, value in zip(MEASURES, values.tolist(), strict=True):
        low, high = measure.range
        assert np.isfinite(value)
        assert low <= value <= high + 1e-5, measure.name


def test_each_has_a_name_of_its_own_a_unit_and_a_meaning() -> None:
    ten = [measure.name for measure in cell_measures.MEASURES]
    assert len({*NAMES, *ten}) == len(MEASURES) + 10
    assert all(measure.unit and measure.meaning.endswith(".") for measure in MEASURES)


@pytest.mark.parametrize("number", range(3))
def test_a_drawn_cell_is_measured_within_its_mask(number: int) -> None:
    picture = drawn("lymphoblast", number)
    found = measure_by_hand(picture)
    in_range(found)
    assert found[NAMES.index("cell_area")] == cell_mask(picture).cell.sum()


def test_nothing_but_the_mask_counts() -> None:
    picture = drawn("lymphocyte", 1)
    mask = cell_mask(picture)
    other = np.where(mask.cell[..., None], picture, 7).astype(np.uint8)
    np.testing.assert_array_equal(measure_masked(other, mask), measure_masked(picture, mask))


def test_without_a_cell_all_are_0_and_without_a_nucleus_the_cell_stands_for_it() -> None:
    picture = drawn("lymphocyte", 2)
    mask, nothing = cell_mask(picture), np.zeros((64, 64), dtype=bool)
    assert not measure_masked(picture, CellMask(nothing, nothing, found=False)).any()
    bare = measure_masked(picture, CellMask(mask.cell, nothing, found=True))
    np.testing.assert_array_equal(bare, measure_masked(picture, CellMask(mask.cell, mask.cell, found=True)))
    assert not measure_by_hand(np.zeros((32, 32, 3), dtype=np.uint8)).any()


@pytest.mark.parametrize("quarters", range(4))
def test_turning_a_picture_with_its_mask_changes_nothing(quarters: int) -> None:
    picture = drawn("monocyte", 1)
    mask = cell_mask(picture)
    turned = [np.ascontiguousarray(np.rot90(one, quarters)) for one in (picture, mask.cell, mask.nucleus)]
    found = measure_masked(turned[0], CellMask(turned[1], turned[2], found=True))
    np.testing.assert_allclose(found, measure_masked(picture, mask), rtol=1e-3, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)),
        elements=st.sampled_from([0, 1, 90, 200, 255]),
    )
)
def test_any_picture_gives_finite_numbers_in_range(picture: Picture) -> None:
    in_range(measure_by_hand(picture))


@pytest.mark.parametrize("workers", [None, 3])
def test_many_are_measured_as_one_by_one(workers: int | None) -> None:
    pictures = np.stack([drawn(kind, 0) for kind in ("lymphocyte", "monocyte", "lymphoblast")])
    expected = np.stack([measure_by_hand(picture) for picture in pictures])
    np.testing.assert_array_equal(measure_all_by_hand(pictures, workers=workers), expected)
    assert measure_all_by_hand(pictures[:0], workers=workers).shape == (0, len(MEASURES))


def test_the_intake_keeps_a_column_a_measure() -> None:
    picture = drawn("lymphocyte", 0)
    row = HANDCRAFTED.take(picture, Facts())
    table = HANDCRAFTED.table([row, HANDCRAFTED.nothing])
    assert table.columns == list(NAMES)
    np.testing.assert_array_equal(table.row(0), measure_by_hand(picture))
    assert table.row(1) == (None,) * len(NAMES)
