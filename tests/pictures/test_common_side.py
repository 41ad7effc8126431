from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.pictures.common_side import common_side, shorter_sides


@pytest.mark.parametrize(
    ("sides", "side"),
    [
        ([360, 360, 5, 366], 360),
        ([90, 60, 60, 90], 60),
        ([30, None, None], 30),
        ([400] * 50 + [360] * 2, 360),
        ([400] * 50 + [339], 400),
    ],
    ids=[
        "one tiny picture changes nothing", "of a tie the smaller", "unreadable ones do not count",
        "a rim would tell the class", "odd ones get a rim",
    ],
)  # fmt: skip
def test_the_side_that_all_pictures_have(sides: list[int | None], side: int) -> None:
    assert common_side(sides) == side
    assert common_side(sides[::-1]) == side


@pytest.mark.parametrize("sides", [[], [None]])
def test_without_a_readable_picture_there_is_none(sides: list[int | None]) -> None:
    with pytest.raises(DataError) as caught:
        common_side(sides)
    assert caught.value.what == "None of the pictures can be read, so there is no common size."


def test_sides_are_read_whatever_the_kind_of_file(tmp_path: Path) -> None:
    Image.new("RGB", (90, 36)).save(tmp_path / "a.png")
    Image.new("RGBA", (20, 40)).save(tmp_path / "b.tif")
    tifffile.imwrite(tmp_path / "c.tif", np.zeros((12, 30, 3), np.uint16), photometric="rgb")
    (tmp_path / "d.png").write_bytes(b"no picture")
    names = ["a.png", "b.tif", "c.tif", "d.png", "absent.png"]
    assert shorter_sides(tmp_path / name for name in names) == [36, 20, 12, None, None]
