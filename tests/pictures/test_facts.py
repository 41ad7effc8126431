from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.pictures.decode import Decoded
from leukoscope.pictures.facts import SCHEMA, Facts, measure, pixels_sha256
from leukoscope.pictures.facts_cache import facts_file, load_facts, save_facts, table_of


def decoded(pixels: np.ndarray, *remarks: str) -> Decoded:
    return Decoded(pixels, pixels.shape[1], pixels.shape[0], "RGB", "PNG", remarks)


def on_black(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    pixels = np.zeros((40, 50, 3), dtype=np.uint8)
    pixels[top:bottom, left:right] = (200, 0, 100)
    return pixels


@given(st.integers(4, 20), st.integers(4, 15), st.integers(21, 46), st.integers(16, 36))
def test_the_box_holds_the_cell(left: int, top: int, right: int, bottom: int) -> None:
    facts = measure(decoded(on_black(left, top, right, bottom)), 10, "a" * 64)
    assert facts.black_background is True
    assert (facts.box_left, facts.box_top, facts.box_right, facts.box_bottom) == (left, top, right, bottom)
    assert facts.not_black == (right - left) * (bottom - top)
    assert (facts.mean_red, facts.mean_green, facts.mean_blue) == pytest.approx((200.0, 0.0, 100.0))


def test_a_pixel_of_one_faint_channel_is_not_black() -> None:
    pixels = on_black(10, 10, 20, 20)
    pixels[30, 40, 2] = 1
    facts = measure(decoded(pixels), 10, "a" * 64)
    assert (facts.not_black, facts.box_right, facts.box_bottom) == (101, 41, 31)


def test_any_lit_corner_makes_the_background_not_black() -> None:
    for row, column in ((3, 3), (0, 49), (36, 0), (39, 46)):
        pixels = on_black(10, 10, 20, 20)
        pixels[row, column] = 1
        facts = measure(decoded(pixels), 10, "a" * 64)
        assert (facts.black_background, facts.box_left, facts.box_bottom) == (False, None, None)
        assert facts.not_black == 101
        assert facts.mean_red == pytest.approx(np.mean(pixels[:, :, 0]))


def test_all_black() -> None:
    facts = measure(decoded(np.zeros((3, 2, 3), dtype=np.uint8)), 10, "a" * 64)
    assert facts.black_background is True
    assert (facts.not_black, facts.box_left, facts.mean_red) == (0, None, None)


def test_the_pixel_hash_knows_shape_and_values() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert pixels_sha256(pixels) == hashlib.sha256(np.array([2, 4, 3], "<i8").tobytes() + bytes(range(24))).hexdigest()
    assert pixels_sha256(pixels.reshape(4, 2, 3)) != pixels_sha256(pixels)
    assert pixels_sha256(np.asfortranarray(pixels)) == pixels_sha256(pixels)


def test_facts_survive_the_cache(tmp_path: Path) -> None:
    whole = measure(decoded(on_black(10, 10, 20, 20), "alpha over white", "turned by EXIF"), 10, "a" * 64)
    broken = Facts(bytes=3, sha256="b" * 64, problem="The file is damaged.")
    save_facts(tmp_path, {"a" * 64: whole, "b" * 64: broken})
    assert load_facts(tmp_path) == {"a" * 64: whole, "b" * 64: broken}
    assert whole.remarks == "alpha over white; turned by EXIF"


def test_a_damaged_cache_is_no_cache(tmp_path: Path) -> None:
    assert load_facts(tmp_path) == {}
    facts_file(tmp_path).write_bytes(b"PAR1 but not really")
    assert load_facts(tmp_path) == {}
    pl.DataFrame({"sha256": ["a"]}).write_parquet(facts_file(tmp_path))
    assert load_facts(tmp_path) == {}


def test_the_table_has_its_columns_even_when_empty() -> None:
    assert dict(table_of([]).schema) == SCHEMA
    assert dict(table_of([Facts()]).schema) == SCHEMA


def test_brightness_and_contrast_are_of_the_cell_alone_where_the_background_is_black() -> None:
    pixels = np.zeros((40, 50, 3), np.uint8)
    pixels[10:20, 10:20] = 100
    pixels[20:30, 10:20] = 200
    facts = measure(decoded(pixels), 1, "a")
    assert (facts.brightness, facts.contrast, facts.background_share) == (150.0, 50.0, 0.9)
    light = measure(decoded(np.where(pixels == 0, 250, pixels).astype(np.uint8)), 1, "a")
    assert light.brightness == pytest.approx(0.9 * 250 + 0.05 * 100 + 0.05 * 200)
    assert light.background_share == pytest.approx(0.9, abs=0.051)
    assert facts.background_red is facts.background_green is facts.background_blue is None


def test_the_background_of_a_field_is_the_lightest_that_there_is() -> None:
    pixels = np.full((40, 50, 3), (240, 230, 220), np.uint8)
    pixels[10:30, 10:30] = (90, 40, 120)
    facts = measure(decoded(pixels), 1, "a")
    assert facts.background_share == pytest.approx(0.8)
    assert (facts.background_red, facts.background_green, facts.background_blue) == pytest.approx((240, 230, 220))


def test_all_black_has_no_brightness() -> None:
    facts = measure(decoded(np.zeros((9, 9, 3), np.uint8)), 1, "a")
    assert (facts.brightness, facts.contrast, facts.background_share) == (None, None, 1.0)
