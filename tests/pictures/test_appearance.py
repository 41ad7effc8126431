from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.pictures.appearance import ASPECTS, BEHIND, appearance_table
from leukoscope.pictures.decode import Decoded
from leukoscope.pictures.facts import SCHEMA, measure


def looked(*pictures: np.ndarray) -> pl.DataFrame:
    """Return the pictures table of pictures, and at last one that cannot be read."""
    rows = [{"id": "none", "problem": "damaged"}]
    for number, pixels in enumerate(pictures):
        height, width = pixels.shape[:2]
        facts = measure(Decoded(pixels, width, height, "RGB", "PNG", ()), 2048, f"{number:064d}")
        rows.insert(-1, {"id": str(number), **facts.as_row()})
    return pl.DataFrame(rows, schema={"id": pl.String(), **SCHEMA})


def plain(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((20, 30, 3), (red, green, blue), np.uint8)


def test_light_colour_size_and_file() -> None:
    cell = np.zeros((20, 20, 3), np.uint8)
    cell[5:15, 5:15] = (200, 100, 180)
    table = appearance_table(looked(plain(128, 128, 128), plain(200, 60, 60), plain(60, 60, 200), cell))
    assert table.columns == ["id", *(aspect.name for aspect in ASPECTS), "kind"]
    grey, red, blue, on_black, unreadable = table.to_dicts()
    assert grey["green_to_red"] == pytest.approx(0, abs=0.01)
    assert grey["blue_to_yellow"] == pytest.approx(0, abs=0.01)
    assert red["green_to_red"] > 40
    assert blue["blue_to_yellow"] < -40
    assert (grey["width"], grey["height"], grey["kilobytes"], grey["kind"]) == (30, 20, 2, "PNG RGB")
    assert grey["background_brightness"] == pytest.approx(128)
    assert grey["cell_size"] is None
    assert on_black["cell_size"] == 100
    assert on_black["background_brightness"] is None
    assert {name for name, value in unreadable.items() if value is not None} == {"id"}


def test_a_table_that_an_earlier_version_wrote_has_no_background() -> None:
    table = appearance_table(looked(plain(128, 128, 128)).drop(BEHIND))
    assert table["background_brightness"].null_count() == table.height
