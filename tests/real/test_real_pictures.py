from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in

SUFFIXES = {".jpg", ".bmp", ".webp", ".tiff", ".png"}


def cohort_of(folder: Path, every: int = 1) -> Cohort:
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)[::every]
    paths = [path.relative_to(folder).as_posix() for path in found]
    return Cohort.from_cells(folder.name, folder, pl.DataFrame({"id": paths, "path": paths}), Classes(("no", "yes")))


@pytest.mark.parametrize("name", ["pbc", "lyon", "cnmc", "matek", "segmentation_wbc", "bccd"])
def test_pixels_are_those_of_a_second_decoder(real_data: Path, name: str) -> None:
    found = sorted(path for path in (real_data / name).rglob("*") if path.suffix in SUFFIXES and path.name[0] != ".")
    for path in found[:: max(len(found) // 15, 1)]:
        other = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        # JPEG decoders may differ by a level; all others are lossless.
        assert np.abs(decode(path).pixels.astype(int) - other).max() <= (1 if path.suffix == ".jpg" else 0)


def test_matek_is_opaque_rgba_for_five_classes(real_data: Path) -> None:
    pictures = take_in(cohort_of(real_data / "matek")).pictures
    counted = pictures.group_by("mode", "width", "remarks").len().sort("mode")
    assert counted.rows() == [("RGB", 360, None, 30), ("RGBA", 400, "alpha removed (opaque)", 15)]


def test_the_junk_file_of_pbc_is_named(real_data: Path, tmp_path: Path) -> None:
    framing = parse_framing([{"center_crop": 360}, {"resize": 16}])
    intake = take_in(cohort_of(real_data / "pbc" / "neutrophil"), framing=framing, store=tmp_path)
    excluded = intake.cohort.cells.filter(pl.col("excluded").is_not_null())
    what = "unreadable: This is a folder's settings file of macOS, not a picture."
    assert excluded.select("id", "excluded").rows() == [(".DS_169665.jpg", what)]
    assert intake.pictures["black_background"].sum() == 0


def test_cnmc_lies_on_black(real_data: Path) -> None:
    pictures = take_in(cohort_of(real_data / "cnmc", every=20)).pictures
    assert pictures["black_background"].all()
    assert pictures["box_left"].null_count() == 0
    assert set(pictures["width"].unique()) <= {450, 600}
    assert pictures["not_black"].min() > 5_000
