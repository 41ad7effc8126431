from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import read_cohort
from leukoscope.errors import DataError

Tree = Callable[[list[str]], Path]

FIELDS = ["ALL_IDB1/im/Im001_1.jpg", "ALL_IDB1/im/Im034_0.jpg"]
MARKS = ["ALL_IDB1/xyc/Im001_1.xyc", "ALL_IDB1/xyc/Im034_0.xyc"]
CELLS = ["ALL_IDB2/img/Im001_1.tif", "ALL_IDB2/img/Im131_0.tif"]


@pytest.fixture
def both(tree: Tree) -> Path:
    """ALL_IDB1 and ALL_IDB2 in one folder, with two lymphoblasts marked."""
    root = tree([*FIELDS, *MARKS, *CELLS])
    (root / MARKS[0]).write_text("446\t164\n168 442\n\n")
    return root


def test_fields_cells_and_centroids_are_read(both: Path) -> None:
    cohort = read_cohort(both)
    assert cohort.cells.select("id", "label", "place").rows() == [
        ("ALL_IDB1/Im001_1", "all", "ALL_IDB1"),
        ("ALL_IDB1/Im034_0", "healthy", "ALL_IDB1"),
        ("ALL_IDB2/Im001_1", "all", "ALL_IDB2"),
        ("ALL_IDB2/Im131_0", "healthy", "ALL_IDB2"),
    ]
    assert (cohort.reader, cohort.classes.positive, cohort.patients.height) == ("all-idb", "all", 0)
    marks = cohort.tables["centroids"]
    assert marks.rows() == [("ALL_IDB1/Im001_1", 446.0, 164.0), ("ALL_IDB1/Im001_1", 168.0, 442.0)]
    assert dict(marks.schema) == {"id": pl.String(), "x": pl.Float64(), "y": pl.Float64()}
    assert cohort.notes[1:] == (
        (
            "Fields and cells cut from them are both here: no split may have ALL_IDB1 on one side and ALL_IDB2 on the "
            "other. Name the folder of one."
        ),
    )


@pytest.mark.parametrize(
    ("at", "ids", "marks"),
    [
        ("ALL_IDB1", ["ALL_IDB1/Im001_1", "ALL_IDB1/Im034_0"], 2),
        ("ALL_IDB1/im", ["ALL_IDB1/Im001_1", "ALL_IDB1/Im034_0"], 2),
        ("ALL_IDB2", ["ALL_IDB2/Im001_1", "ALL_IDB2/Im131_0"], 0),
        ("ALL_IDB2/img", ["ALL_IDB2/Im001_1", "ALL_IDB2/Im131_0"], 0),
    ],
)
def test_either_alone_and_its_folder_of_pictures_give_the_same_ids(
    at: str, ids: list[str], marks: int, both: Path
) -> None:
    cohort = read_cohort(both / at)
    assert cohort.cells["id"].to_list() == ids
    assert cohort.tables["centroids"].height == marks
    assert len(cohort.notes) == 1


def test_damaged_marks_are_left_out_and_said(both: Path) -> None:
    (both / MARKS[0]).write_text("446 164\nx y\n1 2 3\nnan 4\n")
    (both / MARKS[1]).write_text("5 6\n")
    (both / "ALL_IDB1/xyc/Im099_1.xyc").write_text("1 1\n")
    (both / "ALL_IDB1/im/Im002_1.jpg").touch()
    cohort = read_cohort(both / "ALL_IDB1", "all-idb")
    assert cohort.tables["centroids"].rows() == [("ALL_IDB1/Im001_1", 446.0, 164.0), ("ALL_IDB1/Im034_0", 5.0, 6.0)]
    assert cohort.notes == (
        "Of ALL, but without centroids: 1 field (ALL_IDB1/Im002_1).",
        "Healthy, but with centroids: 1 field (ALL_IDB1/Im034_0).",
        "Centroids of fields that are not here: 1 file (Im099_1.xyc).",
        (
            "Centroids that are no two numbers, left out: 3 lines (Im001_1.xyc line 2, Im001_1.xyc line 3, "
            "Im001_1.xyc line 4)."
        ),
    )


def test_pictures_of_other_names_stay_with_their_reason(tree: Tree) -> None:
    cohort = read_cohort(tree([*CELLS, "ALL_IDB2/img/Im007_3.tif", "ALL_IDB2/example.png"]), "all-idb")
    assert dict(cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows()) == {
        "ALL_IDB2/example.png": "its name is not that of a picture of ALL-IDB (Im001_1)",
        "ALL_IDB2/Im007_3": "its name ends in 3, not in 0 or 1",
    }


def test_without_the_published_folders_the_ending_says_which_it_is(tree: Tree) -> None:
    cohort = read_cohort(tree(["a/Im001_1.jpg", "b/Im001_1.tif"]))
    assert cohort.cells["place"].to_list() == ["ALL_IDB1", "ALL_IDB2"]


def test_another_layout_is_refused(tree: Tree) -> None:
    root = tree(["blast/1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "all-idb")
    assert str(error.value) == (
        "This folder is not in ALL-IDB's layout: no pictures im/Im001_1.jpg or img/Im001_1.tif.\n"
        f"  where: {root}\n"
        "  what to do: Check the path."
    )
