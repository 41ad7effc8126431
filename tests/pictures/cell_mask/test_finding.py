from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.pictures.cell_mask import CellMask, cell_mask, cell_masks

Make = Callable[..., np.ndarray]
Overlap = Callable[[np.ndarray, np.ndarray], float]
DARK = np.array([90, 40, 110], np.uint8)
SIDES = st.integers(1, 40)
SIZES = st.one_of(
    st.tuples(SIDES, SIDES), st.tuples(st.just(1), SIDES), st.sampled_from(((1, 300), (300, 1), (3, 300)))
)


def is_whole(mask: CellMask, pixels: np.ndarray) -> None:
    assert mask.cell.shape == mask.nucleus.shape == pixels.shape[:2]
    assert mask.cell.dtype == mask.nucleus.dtype == bool
    assert not (mask.nucleus & ~mask.cell).any()
    assert mask.found == mask.cell.any()


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    _, written = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR))[..., ::-1])


@pytest.mark.parametrize("side", [56, 112, 300])
def test_cell_and_nucleus_are_found_at_every_size(smear: Make, disc: Make, overlap: Overlap, side: int) -> None:
    middle, radius, inner = side // 2, side // 4, side // 7
    found = cell_mask(smear((middle, middle, radius, inner), side=side))
    assert found.found
    assert overlap(found.cell, disc(middle, middle, radius, side)) > 0.9
    assert overlap(found.nucleus, disc(middle, middle, inner, side)) > 0.88


def test_red_cells_that_touch_are_left_out(smear: Make, disc: Make, overlap: Overlap) -> None:
    red = ((24, 56, 12), (88, 60, 12), (56, 94, 12), (20, 20, 12))
    found = cell_mask(smear((56, 56, 24, 15), red=red))
    assert overlap(found.cell, disc(56, 56, 24)) > 0.88
    assert len(cell_masks(smear((56, 56, 24, 15), red=red))) == 1


def test_a_picture_that_is_not_square_has_a_mask_of_its_shape(smear: Make, disc: Make, overlap: Overlap) -> None:
    pixels = smear((56, 56, 26, 15))[20:92]
    found = cell_mask(pixels)
    is_whole(found, pixels)
    assert overlap(found.cell, disc(56, 56, 26)[20:92]) > 0.85


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_an_even_smear_or_a_black_picture_has_no_cell(level: int) -> None:
    pixels = np.full((40, 50, 3), level, dtype=np.uint8)
    found = cell_mask(pixels)
    is_whole(found, pixels)
    assert not found.found
    assert cell_masks(pixels) == []


def test_red_cells_alone_are_no_cell(smear: Make) -> None:
    assert not cell_mask(smear(red=((56, 56, 14), (20, 30, 14), (90, 90, 14)))).found


def test_of_two_cells_in_a_smear_it_is_that_in_the_middle(smear: Make, disc: Make, overlap: Overlap) -> None:
    pixels = smear((92, 20, 18, 13), (52, 60, 20, 12))
    assert overlap(cell_mask(pixels).cell, disc(52, 60, 20)) > 0.85
    first, second = cell_masks(pixels)
    assert (first.cell == cell_mask(pixels).cell).all()
    assert overlap(second.cell, disc(92, 20, 18)) > 0.8


def test_touching_cells_are_divided(smear: Make, disc: Make, overlap: Overlap) -> None:
    first, second = cell_masks(smear((36, 56, 20, 13), (74, 56, 20, 13)))
    assert not (first.cell & second.cell).any()
    assert sorted(np.argwhere(one.cell)[:, 1].mean().round() < 56 for one in (first, second)) == [False, True]
    assert overlap(first.cell | second.cell, disc(36, 56, 20) | disc(74, 56, 20)) > 0.85


def test_on_black_the_cell_is_the_largest_piece_without_holes() -> None:
    pixels = np.zeros((80, 100, 3), dtype=np.uint8)
    pixels[10:40, 10:40], pixels[20:60, 55:95] = DARK, DARK
    pixels[30:34, 70:74] = 0
    found = cell_mask(pixels)
    expected = np.zeros((80, 100), dtype=bool)
    expected[20:60, 55:95] = True
    assert (found.cell == expected).all()
    masks = cell_masks(pixels)
    assert [int(mask.cell.sum()) for mask in masks] == [1600, 900]


def test_cells_on_black_that_hang_together_are_one() -> None:
    pixels = np.zeros((80, 100, 3), dtype=np.uint8)
    pixels[20:60, 10:50], pixels[20:60, 50:90] = DARK, DARK
    assert [int(mask.cell.sum()) for mask in cell_masks(pixels)] == [3200]


def test_one_pixel_of_the_corner_that_is_not_quite_black_changes_nothing(on_black: Make) -> None:
    pixels = on_black(75, 75)
    clean = cell_mask(pixels)
    pixels[0, 0] = 1
    noisy = cell_mask(pixels)
    assert clean.cell[75, 75]
    assert clean.nucleus[75, 75]
    assert (noisy.cell == clean.cell).all()
    assert (noisy.nucleus == clean.nucleus).all()


@pytest.mark.parametrize(("x", "y"), [(30, 30), (30, 120), (120, 30), (120, 120)])
def test_a_cell_on_black_may_cover_a_corner(on_black: Make, disc: Make, overlap: Overlap, x: int, y: int) -> None:
    pixels = on_black(x, y)
    assert pixels[[0, 0, -1, -1], [0, -1, 0, -1]].any(axis=1).sum() == 1
    found = cell_mask(pixels)
    assert (found.cell == disc(x, y, 50, 150)).all()
    assert overlap(found.nucleus, disc(x, y, 30, 150)) > 0.85


@pytest.mark.parametrize("quality", [95, 75])
def test_the_noise_of_a_jpeg_is_black(on_black: Make, disc: Make, overlap: Overlap, quality: int) -> None:
    for x, y in ((75, 75), (120, 30)):
        soft = cv2.blur(on_black(x, y), (3, 3))  # C-NMC's edges are soft: resampled
        pixels, cell = jpeg(soft, quality), soft.any(axis=2)
        assert (pixels.any(axis=2) & ~cell).sum() > 500
        (found,) = cell_masks(pixels)
        assert overlap(found.cell, cell) > 0.9
        assert overlap(found.nucleus, disc(x, y, 30, 150)) > 0.85


@pytest.mark.parametrize("level", [1, 16])
def test_dark_noise_all_over_is_black(on_black: Make, level: int) -> None:
    pixels = on_black(75, 75)
    noise = np.random.default_rng(0).integers(0, level + 1, pixels.shape, dtype=np.uint8)
    found, clean = cell_mask(np.maximum(pixels, noise)), cell_mask(pixels)
    assert not (found.cell & ~(cv2.dilate(clean.cell.astype(np.uint8), np.ones((3, 3))) > 0)).any()
    assert (found.cell | ~clean.cell).all()
    assert not cell_mask(noise).found


@pytest.mark.parametrize("quality", [95, 50])
def test_a_margin_of_a_jpeg_changes_little(smear: Make, overlap: Overlap, quality: int) -> None:
    plain = smear((56, 56, 26, 16))
    margin = jpeg(np.pad(plain, ((13, 13), (13, 13), (0, 0))), quality)
    assert overlap(cell_mask(margin).cell[13:-13, 13:-13], cell_mask(plain).cell) > 0.9


def test_a_black_corner_pixel_does_not_make_a_smear_black(smear: Make) -> None:
    pixels = smear((56, 56, 26, 16))
    before = cell_mask(pixels)
    pixels[0, 0] = 0
    assert (cell_mask(pixels).cell == before.cell).all()


def test_a_black_margin_about_a_smear_changes_little(smear: Make, overlap: Overlap) -> None:
    plain = smear((56, 56, 26, 16))
    margin = np.pad(plain, ((8, 8), (8, 8), (0, 0)))
    assert overlap(cell_mask(margin).cell[8:-8, 8:-8], cell_mask(plain).cell) > 0.9


def test_the_picture_stays_as_it_was(smear: Make) -> None:
    pixels = np.pad(smear((56, 56, 26, 16)), ((8, 8), (8, 8), (0, 0)))
    before = pixels.copy()
    cell_masks(pixels)
    assert (pixels == before).all()


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 10_000), st.sampled_from(("noise", "blocks", "holes", "rim")))
def test_any_picture_has_masks(size: tuple[int, int], seed: int, kind: str) -> None:
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 256, (*size, 3), dtype=np.uint8)
    if kind != "noise":
        pixels = np.repeat(np.repeat(pixels, 3, axis=0), 2, axis=1)
    if kind == "holes":
        pixels[draw.random(pixels.shape[:2]) < 0.6] = 0
        pixels[0, 0] = 0
    if kind == "rim":
        pixels[[0, -1]], pixels[:, [0, -1]] = draw.integers(0, 32), draw.integers(0, 32)
    is_whole(cell_mask(pixels), pixels)
    masks = cell_masks(pixels)
    for mask in masks:
        is_whole(mask, pixels)
    assert np.sum([np.zeros(pixels.shape[:2]), *(mask.cell for mask in masks)], axis=0).max() <= 1
