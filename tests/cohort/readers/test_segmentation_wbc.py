from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.readers.segmentation_wbc import CLASSES
from leukoscope.errors import DataError

Tree = Callable[[list[str]], Path]

ONE = [f"Dataset 1/{number:03}{ending}" for number in range(1, 6) for ending in (".bmp", ".png")]
TWO = ["Dataset 2/001.bmp", "Dataset 2/001.png"]
FIRST, SECOND = "Class Labels of Dataset 1.csv", "Class Labels of Dataset 2.csv"


@pytest.fixture
def both(tree: Tree) -> Path:
    """Both data sets with their csv files, whose headers differ."""
    root = tree([*ONE, *TWO])
    (root / FIRST).write_text("image ID,class label\n1,1\n2,2\n3,3\n4,4\n5,5\n")
    (root / SECOND).write_text("image ID,class\n1,2\n")
    return root


def test_masks_and_classes_of_both_data_sets(both: Path) -> None:
    cohort = read_cohort(both)
    assert (cohort.reader, cohort.classes) == ("segmentation_wbc", CLASSES)
    assert cohort.cells.select("id", "label", "place", "mask").rows()[:2] == [
        ("dataset_1/001", "neutrophil", "dataset_1", "Dataset 1/001.png"),
        ("dataset_1/002", "lymphocyte", "dataset_1", "Dataset 1/002.png"),
    ]
    assert cohort.counts()["cells"].to_list() == [1, 2, 1, 1, 1]
    assert cohort.cells.row(-1, named=True)["id"] == "dataset_2/001"
    assert cohort.notes[1:] == ()


def test_one_data_set_alone_finds_its_csv_beside_it(both: Path) -> None:
    cohort = read_cohort(both / "Dataset 2")
    assert cohort.cells.select("id", "path", "label", "mask").rows() == [
        ("dataset_2/001", "001.bmp", "lymphocyte", "001.png")
    ]


def test_missing_parts_are_said(both: Path) -> None:
    (both / "Dataset 1/005.bmp").unlink()
    (both / "Dataset 1/004.png").unlink()
    (both / SECOND).unlink()
    cohort = read_cohort(both, "segmentation_wbc")
    assert cohort.cells.filter(cohort.cells["mask"].is_null())["id"].to_list() == ["dataset_1/004"]
    assert cohort.notes == (
        ("No pictures here of: basophil. The classes of this cohort: neutrophil, lymphocyte, monocyte, eosinophil."),
        "Without a mask: 1 picture (dataset_1/004).",
        "Masks without a picture, left out: 1 file (Dataset 1/005.png).",
        "Not in a labels csv, so of unknown class: 1 picture (dataset_2/001).",
        "The labels csv files name 5 pictures; 1 are not here.",
    )


def test_wrong_labels_exclude(both: Path) -> None:
    (both / FIRST).write_text("image ID,class label\n1,7\n2,2\n2,3\n3, 3 \nx,1\n4,\n5,5\n")
    cohort = read_cohort(both, "segmentation_wbc")
    assert dict(cohort.cells.select("id", "label").rows())["dataset_1/003"] == "monocyte"
    assert dict(cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows()) == {
        "dataset_1/001": "its label in the csv is 7, not 1 to 5",
        "dataset_1/002": "its rows in the labels csv contradict each other",
    }
    assert cohort.notes[0] == f"{FIRST}: without the number of a picture: 1 row (row 6)."
    assert cohort.notes[-1] == "Not in a labels csv, so of unknown class: 1 picture (dataset_1/004)."


def test_a_csv_without_its_column_is_refused(both: Path) -> None:
    (both / FIRST).write_text("image ID,kind\n1,1\n")
    with pytest.raises(DataError) as error:
        read_cohort(both)
    assert str(error.value) == (
        "The labels csv lacks the column 'class'; its columns: image id, kind.\n"
        f"  where: {both / FIRST}\n"
        "  what to do: It must have: image id, class."
    )


def test_a_picture_elsewhere_stays_with_its_reason(both: Path) -> None:
    (both / "Dataset 1.png").touch()
    cohort = read_cohort(both)
    assert cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows() == [
        ("Dataset 1.png", "in neither of the folders Dataset 1 and Dataset 2")
    ]


def test_another_layout_is_refused(tree: Tree) -> None:
    root = tree(["blast/1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "segmentation_wbc")
    assert str(error.value) == (
        "This folder is not in the layout of segmentation_WBC: no pictures in Dataset 1 or Dataset 2.\n"
        f"  where: {root}\n"
        "  what to do: Check the path."
    )
