from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import Classes, read_cohort
from leukoscope.errors import DataError

CELLS = (
    "id,path,label,patient,place,malignant,stain\n"
    "c1,pictures/c1.png,hem,p1,,false,0.25\nc2,pictures/c2.png,hem,p2,,false,0.5\nc3,pictures/c3.png,all,p2,,true,0.5\n"
)
PATIENTS = "patient,label,age,sex,lymphocyte_count\np1,hem,61,F,4.5\np2,all,7,M,22\n"
CLASSES = Classes(("hem", "all"), ("normal cell", "blast"), "all")


@pytest.fixture
def folder(tree: Callable[[list[str]], Path]) -> Path:
    root = tree(["pictures/c1.png", "pictures/c2.png", "pictures/c3.png"])
    (root / "cells.csv").write_text(CELLS)
    (root / "patients.csv").write_text(PATIENTS)
    (root / "classes.json").write_text(json.dumps(CLASSES.as_json()))
    return root


def test_a_drawn_folder_is_recognised_and_read_whole(folder: Path) -> None:
    cohort = read_cohort(folder)
    assert (cohort.name, cohort.classes, cohort.root) == ("drawn", CLASSES, folder)
    assert cohort.cells.select("id", "label", "patient", "source", "excluded", "malignant", "stain").rows() == [
        ("c1", "hem", "p1", "drawn", None, False, 0.25),
        ("c2", "hem", "p2", "drawn", None, False, 0.5),
        ("c3", "all", "p2", "drawn", None, True, 0.5),
    ]
    assert cohort.patients.rows() == [("p1", "hem", 61, "F", 4.5), ("p2", "all", 7, "M", 22.0)]
    assert cohort.notes == ("Read by the reader 'drawn', recognised by its layout.",)


def test_a_picture_that_was_deleted_is_excluded(folder: Path) -> None:
    (folder / "pictures" / "c2.png").unlink()
    assert read_cohort(folder, "drawn").cells["excluded"].to_list() == [None, "the file is missing", None]


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "patients.csv").unlink()
    with pytest.raises(DataError) as error:
        read_cohort(folder, "drawn")
    assert str(error.value) == (
        f"The option patients names what is not there.\n  where: {folder}/patients.csv\n  what to do: Check the path."
    )


def test_classes_that_are_none_are_refused(folder: Path) -> None:
    (folder / "classes.json").write_text('{"names": ["a", "b"]}')
    with pytest.raises(DataError) as error:
        read_cohort(folder, "drawn")
    assert str(error.value) == (
        f"This file does not describe classes (names, titles, positive).\n  where: {folder}/classes.json"
    )
