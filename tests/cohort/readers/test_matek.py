from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers.matek import CLASSES
from leukoscope.errors import DataError

Tree = Callable[[list[str]], Path]

EVERY = [f"{code}/{code}_0001.tiff" for code in CLASSES.names]
LINES = """BAS/BAS_0001.tiff BAS nan nan
EBO/EBO_0001.tiff EBO LYT UNC
EOS/EOS_0001.tiff NGS nan nan
KSC/KSC_0001.tiff KSC nan nan
KSC/KSC_0001.tiff LYA nan nan
LYA/LYA_0011.tiff LYA nan nan

LYT/LYT_0001.tiff LYT
"""


def test_the_class_is_the_folder_and_its_title_says_it_in_full(tree: Tree) -> None:
    cohort = read_cohort(tree(EVERY))
    assert cohort.reader == "matek"
    assert cohort.classes == CLASSES
    assert cohort.counts()["cells"].to_list() == [1] * 15
    assert cohort.cells.row(0) == ("BAS_0001", EVERY[0], "BAS", None, "matek", None, None, None, None, None)
    assert cohort.classes.title("PMB") == "promyelocyte (bilobed)"
    assert cohort.classes.title("KSC") == "smudge cell"
    assert cohort.notes == ("Read by the reader 'matek', recognised by its layout.",)


def test_annotations_are_columns_and_contradictions_exclude(tree: Tree) -> None:
    root = tree(EVERY)
    (root / "annotations.dat").write_text(LINES)
    cohort = read_cohort(root, "matek")
    said = cohort.cells.select("id", "annotation", "reannotation_1", "reannotation_2").head(4).rows()
    assert said == [
        ("BAS_0001", "BAS", None, None),
        ("EBO_0001", "EBO", "LYT", "UNC"),
        ("EOS_0001", "NGS", None, None),
        ("KSC_0001", "KSC", None, None),
    ]
    assert dict(cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows()) == {
        "EOS_0001": "filed under EOS, but annotations.dat says NGS",
        "KSC_0001": "its lines in annotations.dat contradict each other",
    }
    assert cohort.classes.names == tuple(code for code in CLASSES.names if code not in ("EOS", "KSC"))
    assert cohort.notes == (
        "annotations.dat: without the four entries of a line: 1 line (line 8).",
        f"No pictures here of: EOS, KSC. The classes of this cohort: {', '.join(cohort.classes.names)}.",
        "annotations.dat names 5 pictures; 1 are not here.",
        "Not in annotations.dat: 11 pictures.",
    )


def test_one_class_folder_finds_the_annotations_beside_it(tree: Tree) -> None:
    root = tree(EVERY)
    (root / "annotations.dat").write_text(LINES)
    cohort = read_cohort(root / "EBO")
    assert cohort.cells.select("id", "path", "label", "reannotation_1").rows() == [
        ("EBO_0001", "EBO_0001.tiff", "EBO", "LYT")
    ]
    assert cohort.classes == CLASSES


def test_annotations_that_are_no_text_are_refused(tree: Tree) -> None:
    root = tree(EVERY)
    (root / "annotations.dat").write_bytes(b"BAS/BAS_0001.tiff \xff\xfe")
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == f"This file is no text in UTF-8.\n  where: {root}/annotations.dat"


def test_pictures_out_of_place_stay_with_their_reason(tree: Tree) -> None:
    odd = ["BAS/EOS_0002.tiff", "BAS/._BAS_0001.tiff", "figure.png", "BAS/new.tiff", "EOS/BAS_0001.tiff"]
    cohort = read_cohort(tree(["BAS/BAS_0001.tiff", "EOS/EOS_0001.tiff", *odd]), "matek")
    assert dict(cohort.cells.filter(cohort.cells["excluded"].is_not_null()).select("id", "excluded").rows()) == {
        "BAS/._BAS_0001.tiff": "a hidden file (its name begins with a dot), not a picture of the data set",
        "EOS_0002": "filed under BAS, named EOS",
        "EOS/BAS_0001.tiff": "filed under EOS, named BAS",
        "figure.png": "in none of Matek's class folders",
    }
    assert cohort.classes == Classes(("BAS", "EOS"), ("basophil", "eosinophil"))
    assert cohort.notes[1] == "Not named after a class, so by their folder alone: 1 picture (BAS/new.tiff)."


def test_another_layout_is_refused(tree: Tree) -> None:
    root = tree(["blast/1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "matek")
    assert str(error.value) == (
        "This folder is not in Matek's layout: no pictures in BAS, EBO, EOS, KSC, LYA, LYT, MMZ, MOB, MON, MYB, MYO, "
        "NGB, NGS, PMB, PMO.\n"
        f"  where: {root}\n"
        "  what to do: Check the path; other class folders are read by the reader 'folder'."
    )
