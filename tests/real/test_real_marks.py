"""The readers of marks and of many classes, on the real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.readers import recognise
from leukoscope.pictures.decode import decode
from leukoscope.pictures.intake import take_in

FOLDERS = {
    "cnmc": ("cnmc", "cnmc/C-NMC_Leukemia"),
    "lyon": ("lyon",),
    "pbc": ("pbc", "pbc/basophil"),
    "matek": ("matek", "matek/LYA"),
    "segmentation_wbc": ("segmentation_wbc", "segmentation_wbc/Dataset 2"),
    "bccd": ("bccd", "bccd/JPEGImages"),
}


@pytest.mark.parametrize(("name", "folder"), [(name, folder) for name, every in FOLDERS.items() for folder in every])
def test_each_set_at_hand_is_recognised(name: str, folder: str, real_data: Path) -> None:
    assert recognise(real_data / folder).name == name


def test_matek_at_hand_has_three_cells_of_each_class(real_data: Path) -> None:
    cohort = read_cohort(real_data / "matek")
    assert cohort.counts()["cells"].to_list() == [3] * 15
    assert len(cohort.notes) == 1
    kinds = take_in(cohort).pictures.group_by("mode", "width").len().sort("width").rows()
    assert kinds == [("RGB", 360, 30), ("RGBA", 400, 15)]


def test_the_masks_at_hand_fit_their_pictures(real_data: Path) -> None:
    cohort = read_cohort(real_data / "segmentation_wbc")
    counts = cohort.cells.group_by("place").agg(pl.len(), pl.col("mask").null_count()).sort("place")
    assert counts.rows() == [("dataset_1", 150, 0), ("dataset_2", 30, 0)]
    assert dict(cohort.labelled["label"].value_counts().rows()) == {
        "neutrophil": 72,
        "lymphocyte": 56,
        "monocyte": 45,
        "eosinophil": 7,
    }
    assert cohort.notes[1:] == (
        "No pictures here of: basophil. The classes of this cohort: neutrophil, lymphocyte, monocyte, eosinophil.",
    )
    for path, mask in cohort.cells.select("path", "mask").sample(20, seed=3).iter_rows():
        pixels, marks = decode(cohort.file(path)).pixels, decode(cohort.file(mask)).pixels
        assert pixels.shape == marks.shape
        assert set(np.unique(marks)) <= {0, 128, 255}
        # The nucleus is darker than what lies around it: the mask is that of this picture.
        assert pixels[marks == 255].mean() < pixels[marks == 0].mean()


def test_the_boxes_at_hand_are_counted_and_their_flaws_are_said(real_data: Path) -> None:
    cohort = read_cohort(real_data / "bccd")
    assert (cohort.usable.height, cohort.labelled.height) == (183, 0)
    assert dict(cohort.cells["place"].value_counts().rows()) == {"train": 110, "val": 46, "test": 27}
    boxes = cohort.tables["boxes"]
    assert dict(boxes["label"].value_counts().rows()) == {"rbc": 2069, "wbc": 187, "platelet": 169}
    assert boxes.select(pl.min("left", "top"), pl.max("right", "bottom")).row(0) <= (640, 480, 640, 480)
    assert cohort.notes[1:] == (
        "With a box without area: 2 fields (BloodImage_00338, BloodImage_00343).",
        "Without a box of a white cell: 2 fields (BloodImage_00178, BloodImage_00228).",
    )
