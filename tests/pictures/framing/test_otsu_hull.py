from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import OtsuHull, parse_framing

CHOICES = {
    "aspect": ["stretch", "keep"],
    "outside": ["keep", "blank"],
    "background": ["auto", "dark", "light"],
    "region": ["largest", "middle", "all"],
    "erosion": [0, 1, 3],
}
OPTIONS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()})


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Pictures of any size: one colour, noise, sparse specks on black or white, blobs."""
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ground = np.full((height, width, 3), draw(st.sampled_from([0, 1, 120, 254, 255])), dtype=np.uint8)
    share = draw(st.sampled_from([0.0, 0.01, 0.1, 0.9, 1.0]))
    noise = rng.integers(0, 256, ground.shape, dtype=np.uint8)
    picture = np.where(rng.random((height, width, 1)) < share, noise, ground)
    if draw(st.booleans()):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(picture, middle, int(rng.integers(1, 9)), rng.integers(0, 256, 3).tolist(), -1)
    return picture


def framed(pixels: np.ndarray, **options: Any) -> np.ndarray:
    return parse_framing([{"otsu_hull": options}]).apply(pixels)


def on(ground: int, *cells: tuple[int, int, int, int, int], side: int = 40) -> np.ndarray:
    """A square picture of one grey with cells on it: top, left, height, width, grey."""
    picture = np.full((side, side, 3), ground, dtype=np.uint8)
    for top, left, height, width, grey in cells:
        picture[top : top + height, left : left + width] = grey
    return picture


@settings(deadline=None, max_examples=300)
@given(pictures(), OPTIONS)
def test_it_never_fails_and_is_never_empty(pixels: np.ndarray, options: dict[str, Any]) -> None:
    found = framed(pixels, **options)
    assert found.size
    assert found.dtype == np.uint8
    if options["aspect"] == "keep":
        assert found.shape[0] == found.shape[1] <= max(pixels.shape[:2])
    else:
        assert all(had >= has for had, has in zip(pixels.shape, found.shape, strict=True))


@settings(deadline=None)
@given(pictures(), OPTIONS)
def test_nothing_is_changed_but_what_is_blanked(pixels: np.ndarray, options: dict[str, Any]) -> None:
    whole, blanked = (framed(pixels, **options | {"outside": outside}) for outside in ("keep", "blank"))
    assert whole.shape == blanked.shape
    shown = blanked.any(axis=2)
    assert np.array_equal(whole[shown], blanked[shown])


@settings(deadline=None)
@given(pictures(), OPTIONS)
def test_the_square_is_the_box_with_what_is_about_it(pixels: np.ndarray, options: dict[str, Any]) -> None:
    box, square = (framed(pixels, **options | {"aspect": aspect}) for aspect in ("stretch", "keep"))
    height, width = box.shape[:2]
    assert len(square) == max(height, width)
    top, left = (len(square) - height) // 2, (len(square) - width) // 2
    assert np.array_equal(square[top : top + height, left : left + width], box)


@settings(deadline=None)
@given(pictures(), OPTIONS)
def test_all_regions_lose_no_more_than_one(pixels: np.ndarray, options: dict[str, Any]) -> None:
    every = framed(pixels, **options | {"region": "all", "aspect": "stretch"})
    for region in ("largest", "middle"):
        one = framed(pixels, **options | {"region": region, "aspect": "stretch"})
        assert all(had >= has for had, has in zip(every.shape, one.shape, strict=True))


@settings(deadline=None)
@given(pictures(), OPTIONS, st.integers(1, 3))
def test_turned_pictures_give_turned_boxes_where_all_regions_count(
    pixels: np.ndarray, options: dict[str, Any], turns: int
) -> None:
    options = options | {"region": "all", "aspect": "stretch", "outside": "keep"}
    assert np.array_equal(framed(np.rot90(pixels, turns), **options), np.rot90(framed(pixels, **options), turns))


@pytest.mark.parametrize("background", ["auto", "dark"])
def test_the_hull_of_a_cell_on_black(background: str) -> None:
    pixels = on(0, (5, 10, 20, 8, 120))
    assert framed(pixels, background=background).shape == (18, 6, 3)
    assert framed(pixels, background=background, erosion=0).shape == (20, 8, 3)
    assert framed(pixels, background=background, erosion=2).shape == (16, 4, 3)


@pytest.mark.parametrize("background", ["auto", "light"])
def test_the_hull_of_a_cell_in_a_smear(background: str) -> None:
    pixels = on(230, (5, 10, 20, 8, 90))
    assert (framed(pixels, background=background, erosion=0) == 90).all()
    assert framed(pixels, background=background, erosion=0).shape == (20, 8, 3)


@pytest.mark.parametrize(("ground", "grey", "expected"), [(31, 200, 200), (32, 200, 32)])
def test_auto_takes_a_rim_below_32_for_dark(ground: int, grey: int, expected: int) -> None:
    found = framed(on(ground, (5, 10, 20, 8, grey)), erosion=0)
    assert found[0, 0, 0] == expected
    assert found.shape == ((20, 8, 3) if expected == grey else (40, 40, 3))


def test_a_cell_at_the_edge_is_not_eroded_from_beyond_it() -> None:
    assert framed(on(0, (0, 0, 10, 10, 120)), erosion=1).shape == (9, 9, 3)


def test_a_square_shows_what_is_about_the_box_and_black_beyond_the_edge() -> None:
    pixels = on(230, (0, 10, 5, 9, 90))
    found = framed(pixels, aspect="keep", erosion=0)[:, :, 0]
    assert found.shape == (9, 9)
    assert (found[:2] == 0).all()
    assert (found[2:7] == 90).all()
    assert (found[7:] == 230).all()
    blank = framed(pixels, aspect="keep", erosion=0, outside="blank")[:, :, 0]
    assert (blank[2:7] == 90).all()
    assert (blank[7:] == 0).all()


def test_what_is_outside_the_hull_is_blanked_and_hollows_within_are_kept() -> None:
    pixels = on(230)
    cv2.circle(pixels, (20, 20), 9, (90, 90, 90), -1)
    pixels[10:21, 20] = 230  # a notch from the edge to the middle
    found = framed(pixels, outside="blank", erosion=0)
    # The circle's topmost pixel is gone with the notch.
    assert found.shape == (18, 19, 3)
    assert (found[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert (found[:9, 9] == 230).all()


# Two cells: a large one at the left, a small one in the middle.
TWO = [(2, 1, 30, 12, 100), (15, 18, 6, 6, 140)]


@pytest.mark.parametrize(("ground", "background"), [(0, "auto"), (0, "dark"), (240, "auto"), (240, "light")])
@pytest.mark.parametrize(("region", "shape"), [("largest", (30, 12, 3)), ("middle", (6, 6, 3)), ("all", (30, 23, 3))])
def test_two_cells(ground: int, background: str, region: str, shape: tuple[int, ...]) -> None:
    assert framed(on(ground, *TWO), background=background, region=region, erosion=0).shape == shape


def test_two_cells_that_touch_by_a_corner_are_one_region() -> None:
    pixels = on(0, (5, 5, 8, 8, 100), (13, 13, 8, 8, 100))
    for region in ("largest", "middle", "all"):
        assert framed(pixels, region=region, erosion=0).shape == (16, 16, 3)


def test_of_two_equal_cells_the_largest_is_the_upper_one() -> None:
    pixels = on(0, (20, 2, 6, 6, 100), (4, 30, 6, 6, 200), side=40)
    assert (framed(pixels, erosion=0) == 200).all()


def test_of_two_cells_as_near_to_the_middle_it_is_the_larger() -> None:
    pixels = on(0, (18, 10, 4, 8, 100), (18, 22, 4, 12, 200), side=40)
    assert framed(pixels, region="middle", erosion=0).shape == (4, 12, 3)


def test_the_hull_about_two_cells_holds_what_lies_between() -> None:
    found = framed(on(230, (5, 5, 6, 6, 90), (5, 25, 6, 6, 90)), region="all", outside="blank", erosion=0)
    assert (found[:, 6:20] == 230).all()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (120, 30, 200)])
@pytest.mark.parametrize("background", CHOICES["background"])
@pytest.mark.parametrize("outside", CHOICES["outside"])
def test_one_colour_all_over_comes_back_whole(colour: tuple[int, int, int], background: str, outside: str) -> None:
    pixels = np.full((3, 8, 3), colour, dtype=np.uint8)
    assert np.array_equal(framed(pixels, background=background, outside=outside), pixels)
    square = framed(pixels, background=background, outside=outside, aspect="keep")
    assert square.shape == (8, 8, 3)
    assert np.array_equal(square[2:5], pixels)
    assert not square[:2].any()
    assert not square[5:].any()


def test_where_erosion_leaves_nothing_the_picture_comes_back_whole() -> None:
    pixels = on(0, (5, 5, 2, 2, 200))
    assert np.array_equal(framed(pixels, outside="blank"), pixels)
    assert framed(pixels, erosion=0).shape == (2, 2, 3)


@pytest.mark.parametrize("value", [0, 255])
def test_a_single_pixel(value: int) -> None:
    assert framed(np.full((1, 1, 3), value, dtype=np.uint8)).shape == (1, 1, 3)


def test_the_input_is_untouched() -> None:
    pixels = on(230, (0, 10, 5, 9, 90))
    before = pixels.copy()
    for aspect in CHOICES["aspect"]:
        framed(pixels, outside="blank", aspect=aspect)[:] = 7
    assert np.array_equal(pixels, before)


def test_how_it_is_written() -> None:
    published, keep = (parse_framing([{"otsu_hull": name}]) for name in ("published", "keep"))
    assert published.steps == (OtsuHull(),) == parse_framing([{"otsu_hull": {}}]).steps
    assert published.steps == parse_framing([{"otsu_hull": {"aspect": "stretch"}}]).steps
    assert keep.steps == (OtsuHull(aspect="keep"),)
    assert keep.spec() == [
        {"otsu_hull": {"aspect": "keep", "outside": "keep", "background": "auto", "region": "largest", "erosion": 1}}
    ]
    assert parse_framing(keep.spec()) == keep
    assert keep.key != published.key
    assert keep.size is None
    with pytest.raises(SettingsError) as caught:
        parse_framing([{"otsu_hull": "exact"}, {"otsu_hull": {"region": "first", "erosion": -1}}])
    assert str(caught.value) == (
        "The framing cannot be used:\n"
        "  - step 1: otsu_hull: aspect must be 'stretch' or 'keep'; got 'exact'.\n"
        "  - step 2: otsu_hull: region must be 'largest', 'middle' or 'all'; got 'first'.\n"
        "  - step 2: otsu_hull: erosion must be greater than or equal to 0; got -1.\n"
        "  what to do: Mend 'framing' in the recipe."
    )
