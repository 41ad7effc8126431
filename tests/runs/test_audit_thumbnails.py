from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from leukoscope.reports.audit_folder import SHOWN_COLUMNS, AuditFolder
from leukoscope.runs.audit_groups import MOST, ShownGroup, groups_of
from leukoscope.runs.audit_thumbnails import write_thumbnails


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.asarray(opened).astype(int)


@pytest.fixture
def folder(tmp_path: Path) -> AuditFolder:
    return AuditFolder(tmp_path / "out")


def test_every_picture_that_is_shown_has_its_row(written: Any, folder: AuditFolder) -> None:
    named = [(finding.code, finding) for finding in reversed(written.found.findings)]
    table = write_thumbnails(folder, groups_of(named), written.cohort, written.pictures, crop=40)
    assert dict(table.schema) == SHOWN_COLUMNS
    assert table.select("finding", "group", "place", "view", "id", "patient", "label", "file").rows() == [
        ("twins", 0, 0, "as it is", "c0", "P0", "hem", "pictures/001.jpg"),
        ("twins", 0, 1, "as it is", "c2", "P1", "hem", "pictures/002.jpg"),
        ("twins", 0, 2, "turned", "c2", "P1", "hem", "pictures/003.jpg"),
        ("beyond_crop", 0, 0, "as it is", "c1", "P0", "all", "pictures/004.jpg"),
        ("beyond_crop", 1, 0, "as it is", "c5", "P2", "all", None),
        ("linked", 0, 0, "as it is", "c2", "P1", "hem", None),
        ("linked", 0, 1, "as it is", "c0", "P0", "hem", None),
    ]
    assert table["problem"].to_list()[4].startswith("This is no picture of a known kind")
    assert table["problem"].null_count() == 6
    assert table["shown_under"].to_list() == [None] * 5 + ["twins"] * 2
    assert table["correlation"].to_list() == [0.987] * 3 + [None] * 4


def test_cells_on_black_are_cut_out_where_they_are_compared(written: Any, folder: AuditFolder) -> None:
    groups = [ShownGroup("pair", 0, ("c0", "c3"), {}), ShownGroup("single", 0, ("c0",), {})]
    table = write_thumbnails(folder, groups, written.cohort, written.pictures)
    one, two, alone = (pixels(folder.path / name) for name in table["file"])
    # Two cells at different places, one beside the other: the same picture of 24 px with a little room.
    assert one.shape == (26, 26, 3)
    np.testing.assert_allclose(one, two, atol=60)
    assert alone.shape == (60, 60, 3)


def test_the_second_is_turned_onto_the_first(written: Any, folder: AuditFolder) -> None:
    facts = {"degrees": 90.0, "flipped": False}
    table = write_thumbnails(folder, [ShownGroup("pair", 0, ("c0", "c1"), facts)], written.cohort, written.pictures)
    first, _, turned = (pixels(folder.path / name) for name in table["file"])
    # The second was turned by a quarter against the clock: back, its bright mark comes from the upper left to the
    # upper right.
    assert first[4, 4].mean() > 200
    assert turned[4, 4].mean() < 150
    assert turned[4, -5].mean() > 200


def test_the_frame_is_drawn_where_a_cell_reaches_beyond_it(written: Any, folder: AuditFolder) -> None:
    group = ShownGroup("beyond", 0, ("c0",), {"beyond": 3})
    (drawn,) = write_thumbnails(folder, [group], written.cohort, written.pictures, crop=40)["file"]
    assert pixels(folder.path / drawn)[10, 30].tolist() == pytest.approx([228, 48, 56], abs=40)


def test_a_box_that_is_found_fault_with_is_drawn_in(written: Any, folder: AuditFolder) -> None:
    group = ShownGroup("boxes", 0, ("c0",), {"left": 40.0, "top": 40.0, "right": 40.0, "bottom": 55.0})
    (drawn,) = write_thumbnails(folder, [group], written.cohort, written.pictures)["file"]
    assert pixels(folder.path / drawn)[47, 35].tolist() == pytest.approx([228, 48, 56], abs=40)


def test_a_picture_that_is_not_in_the_cohort_says_so(written: Any, folder: AuditFolder) -> None:
    group = ShownGroup("pair", 0, ("c0", "stranger"), {"degrees": 10.0})
    table = write_thumbnails(folder, [group], written.cohort, written.pictures)
    assert table["problem"].to_list() == [None, *["It is not in the table of cells."] * 2]
    assert table["file"].null_count() == 2


def test_those_that_are_too_many_have_rows_without_a_thumbnail(written: Any, folder: AuditFolder) -> None:
    groups = [ShownGroup("single", number, (f"c{number % 5}",), {}) for number in range(MOST + 3)]
    table = write_thumbnails(folder, groups, written.cohort, written.pictures)
    assert table["file"].null_count() == 3
    assert table["file"].to_list()[-4:] == ["pictures/005.jpg", None, None, None]
    assert table["problem"].null_count() == MOST + 3


def test_a_picture_that_nobody_looked_at_is_not_looked_for(written: Any, folder: AuditFolder) -> None:
    hashes = written.pictures.select("id", "sha256")
    table = write_thumbnails(folder, [ShownGroup("pair", 0, ("c0", "c1"), {})], written.cohort, hashes)
    assert table.select("id", "file", "problem").rows() == [("c0", None, None), ("c1", None, None)]
    assert not folder.pictures.exists()
