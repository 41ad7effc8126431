from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as drawn

from leukoscope.errors import DataError, SettingsError
from leukoscope.explanation.seeing import cell_mask, framed_mask, share_on_cell
from leukoscope.pictures.framing import parse_framing

MASKS = drawn.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)))


def test_a_map_within_the_cell_lies_on_it_and_one_beside_it_does_not() -> None:
    mask = np.zeros((8, 8), bool)
    mask[2:6, 2:6] = True
    inside, beside = np.zeros((8, 8), np.float32), np.zeros((8, 8), np.float32)
    inside[3, 3], beside[0, 0] = -2, 3
    assert share_on_cell(inside, mask).share == 1
    assert share_on_cell(inside, mask).positive is None
    assert share_on_cell(beside, mask).share == share_on_cell(beside, mask).positive == 0
    both = share_on_cell(inside + beside, mask)
    assert (both.share, both.positive, both.chance) == (pytest.approx(0.4), 0, 0.25)
    assert share_on_cell(np.zeros((2, 2), np.float32), mask).share is None


@given(MASKS, st.integers(1, 6), st.integers(1, 6))
def test_a_map_without_meaning_reaches_the_chance_level_at_any_resolution(
    mask: np.ndarray, rows: int, columns: int
) -> None:
    flat = np.ones((min(rows, mask.shape[0]), min(columns, mask.shape[1])), np.float32)
    found = share_on_cell(flat, mask)
    assert found.share == pytest.approx(found.chance, abs=1e-4)
    assert found.chance == pytest.approx(mask.mean())


@given(MASKS, st.floats(0.01, 100))
def test_the_shares_of_cell_and_rest_make_one_and_the_scale_does_not_matter(mask: np.ndarray, factor: float) -> None:
    found = np.random.default_rng(0).normal(size=mask.shape).astype(np.float32)
    one, rest = share_on_cell(found, mask), share_on_cell(found, ~mask)
    assert one.share is not None
    assert rest.share is not None
    assert one.share + rest.share == pytest.approx(1, abs=1e-4)
    assert share_on_cell(found * np.float32(factor), mask).share == pytest.approx(one.share, abs=1e-4)


def test_on_black_the_cell_is_what_is_not_black() -> None:
    picture = np.zeros((112, 112, 3), np.uint8)
    cv2.circle(picture, (50, 60), 30, (75, 35, 95), -1)
    found = cell_mask(picture)
    np.testing.assert_array_equal(found.mask, picture.any(axis=2))
    assert found.how == "what is not black"


def test_in_a_smear_the_cell_is_outlined() -> None:
    picture = np.full((112, 112, 3), (235, 225, 215), np.uint8)
    cv2.circle(picture, (56, 56), 30, (170, 160, 205), -1)
    cv2.circle(picture, (56, 56), 18, (90, 50, 130), -1)
    found = cell_mask(picture)
    assert found.how == "outlined from the stain"
    assert found.mask[56, 56]
    assert 0.1 < found.mask.mean() < 0.4


def test_a_drawn_mask_goes_where_its_picture_goes(tmp_path: Path) -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 128
    mask[15:25, 25:35] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    framing = parse_framing([{"center_crop": 40}, {"resize": 20}])
    found = framed_mask(tmp_path / "mask.png", framing, (40, 60))
    expected = np.zeros((20, 20), bool)
    expected[5:15, 5:15] = True
    np.testing.assert_array_equal(found.mask, expected)
    assert found.how == "the data set's own mask"


def test_a_mask_that_cannot_follow_its_picture_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "mask.png"), np.zeros((40, 60), np.uint8))
    with pytest.raises(SettingsError) as caught:
        framed_mask(tmp_path / "mask.png", parse_framing([{"reinhard": {}}, {"resize": 20}]), (40, 60))
    assert str(caught.value) == (
        "A mask cannot go through the framing step reinhard: it depends on the picture's own pixels.\n"
        "  where: framing\n  what to do: Masks go through center_crop and resize; leave the masks out, or take a "
        "network framed so."
    )
    with pytest.raises(DataError, match=r"The mask has 40 x 60 px, its picture 60 x 40\."):
        framed_mask(tmp_path / "mask.png", parse_framing([{"resize": 20}]), (60, 40))
