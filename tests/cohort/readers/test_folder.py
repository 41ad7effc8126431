from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import read_cohort
from leukoscope.errors import DataError, LeukoscopeError, SettingsError

CLASSES = ["blast/1.png", "blast/2.png", "normal/1.png"]
DEEP = ["blast/p1/1.png", "blast/p2/1.png", "normal/p3/1.png", "normal/p4/1.png"]
TURNED = ["p1/blast/1.png", "p1/normal/1.png", "p2/blast/1.png", "p2/normal/1.png", "p3/blast/1.png", "p3/normal/1.png"]
GUESSED = (
    "Classes in alphabetical order: blast, normal (option classes).",
    "Taken as the positive class: blast (option positive).",
)


def test_class_folders(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(CLASSES), "folder")
    assert (cohort.name, cohort.classes.names, cohort.classes.positive) == ("data", ("blast", "normal"), "blast")
    assert cohort.cells.select("id", "path", "label", "patient", "source", "place").rows() == [
        ("blast/1", "blast/1.png", "blast", None, "data", None),
        ("blast/2", "blast/2.png", "blast", None, "data", None),
        ("normal/1", "normal/1.png", "normal", None, "data", None),
    ]
    assert cohort.notes == GUESSED


def test_the_order_and_the_positive_class_can_be_said(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(CLASSES), "folder", classes="blast, normal", positive="normal")
    assert (cohort.classes.names, cohort.classes.positive) == (("blast", "normal"), "normal")
    assert cohort.notes == ()


def test_a_third_folder_is_excluded_where_two_classes_were_asked_for(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*CLASSES, "smudge/1.png"]), "folder", classes=["normal", "blast"])
    assert cohort.cells["excluded"].to_list() == [None, None, None, "its folder smudge is none of the classes"]
    assert cohort.cells["label"].to_list() == ["blast", "blast", "normal", None]


def test_folders_within_class_folders_are_guessed_to_be_patients(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(DEEP), "folder")
    assert cohort.cells.select("id", "label", "patient").rows() == [
        ("blast/p1/1", "blast", "p1"),
        ("blast/p2/1", "blast", "p2"),
        ("normal/p3/1", "normal", "p3"),
        ("normal/p4/1", "normal", "p4"),
    ]
    assert dict(cohort.patients.select("patient", "label").iter_rows()) == {
        "p1": "blast",
        "p2": "blast",
        "p3": "normal",
        "p4": "normal",
    }
    assert cohort.notes == (
        "Taken as patients: 4 folders within the class folders (option patients).",
        *GUESSED,
    )


def test_patients_none_looks_at_the_class_folders_only(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(DEEP), "folder", patients="none")
    assert not cohort.patients_known
    assert cohort.labelled.height == 4
    assert cohort.notes == GUESSED


def test_uneven_depth_is_no_patient_unless_said(tree: Callable[[list[str]], Path]) -> None:
    root = tree([*DEEP, "blast/loose.png"])
    cohort = read_cohort(root, "folder")
    assert cohort.cells["patient"].null_count() == 5
    assert cohort.notes[0] == (
        "Folders within the class folders were not taken as patients, since some pictures lie in none. "
        "(option patients)"
    )
    said = read_cohort(root, "folder", patients="folder")
    assert said.usable["patient"].to_list() == ["p1", "p2", "p3", "p4"]
    assert said.cells.filter(pl.col("id") == "blast/loose")["excluded"].to_list() == ["in no patient's folder"]


def test_a_patient_in_two_classes_is_one_patient_and_noted(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*DEEP, "normal/p1/1.png"]), "folder", patients="folder")
    assert cohort.notes[-1] == "Cells of more than one class: 1 patient (p1)."
    assert cohort.patients["label"].null_count() == cohort.patients.height == 4


def test_a_folder_of_parts_becomes_the_place(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([f"{part}/{path}" for part in ("train", "test") for path in CLASSES]))
    assert cohort.classes.names == ("blast", "normal")
    assert cohort.cells["place"].to_list() == ["test"] * 3 + ["train"] * 3
    assert cohort.cells["id"][0] == "test/blast/1"


def test_pictures_outside_folders_and_hidden_ones_are_excluded(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*CLASSES, "loose.png", "blast/.x.png", "readme.txt"]), "folder")
    assert cohort.cells.filter(pl.col("excluded").is_not_null()).select("id", "excluded").rows() == [
        ("blast/.x", "a hidden file (its name begins with a dot), not a picture of the data set"),
        ("loose", "in no folder of a class or a patient"),
    ]
    assert cohort.notes[-1] == "Left out, not being pictures: 1 file (readme.txt)."


def test_equal_names_with_other_endings_keep_both_with_ids_of_their_own(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["blast/1.bmp", "blast/1.png", "normal/1.png"]), "folder")
    assert cohort.usable["id"].to_list() == ["blast/1", "blast/1.png", "normal/1"]
    assert cohort.notes[-1] == "Of the same name as another but for the ending: 1 picture (blast/1.png)."


def test_a_folder_a_patient_with_a_table_of_labels(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/1.png", "a/2.png", "b/1.png", "c/1.png"])
    (root / "who.csv").write_text("patient,label,age\na,tumoral,61\nb,reactive,17.5\n")
    cohort = read_cohort(root, "folder", patients="folder", patients_table="who.csv")
    assert cohort.cells.select("id", "label", "patient").rows() == [
        ("a/1", None, "a"),
        ("a/2", None, "a"),
        ("b/1", None, "b"),
        ("c/1", None, "c"),
    ]
    assert cohort.patients.rows() == [("a", "tumoral", 61.0), ("b", "reactive", 17.5), ("c", None, None)]
    assert cohort.classes.positive == "tumoral"
    assert cohort.notes == (
        "Classes in alphabetical order: reactive, tumoral (option classes).",
        "Taken as the positive class: tumoral (option positive).",
        "Not in who.csv: 1 patient (c).",
    )


def test_a_folder_a_patient_of_unknown_labels_needs_the_classes_named(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/1.png", "b/1.png"])
    cohort = read_cohort(root, "folder", patients="folder", classes=["reactive", "tumoral"])
    assert cohort.usable["patient"].to_list() == ["a", "b"]
    with pytest.raises(SettingsError) as error:
        read_cohort(root, "folder", patients="folder")
    assert str(error.value) == (
        "Folders of patients alone do not say what the classes are.\n"
        "  what to do: Name a table with the columns patient and label (option patients_table), or the option classes."
    )


def test_class_folders_within_patients_folders_need_the_classes_named(tree: Callable[[list[str]], Path]) -> None:
    root = tree(TURNED)
    with pytest.raises(DataError) as error:
        read_cohort(root, "folder")
    assert str(error.value) == (
        "The folders can be read in two ways: p1, p2, p3 as classes with blast, normal as patients, or the other way "
        "round.\n"
        f"  where: {root}\n"
        "  what to do: Name the classes with the option classes."
    )
    cohort = read_cohort(root, "folder", classes=["normal", "blast"])
    assert cohort.cells["patient"].to_list() == ["p1", "p1", "p2", "p2", "p3", "p3"]
    assert cohort.counts()["cells"].to_list() == [3, 3]


def test_numbered_patients_are_not_taken_as_classes(tree: Callable[[list[str]], Path]) -> None:
    root = tree([f"P{number}/1.png" for number in range(1, 13)])
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        "These folders look like patients, not like 12 classes: P1, P10, P11, P12, P2 and 7 more.\n"
        f"  where: {root}\n"
        "  what to do: Say patients='folder' and name a table of their labels (option patients_table), or "
        "patients='none' if they are classes."
    )
    assert len(read_cohort(root, "folder", patients="none").classes) == 12


@pytest.mark.parametrize(
    ("paths", "options", "message"),
    [
        (
            ["1.png", "2.png"],
            {},
            (
                "No pictures lie in folders, so nothing says their classes.\n"
                "  where: {root}\n"
                "  what to do: Put them into class folders, or list them in a table for the reader 'table'."
            ),
        ),
        (
            ["blast/1.png"],
            {},
            (
                "At least two classes are needed to tell cells apart; found: blast.\n"
                "  where: {root}\n"
                "  what to do: Name them all with the option classes if some have no cells here."
            ),
        ),
        (
            ["ALL/1.png", "all/1.png", "hem/1.png"],
            {},
            (
                "The classes 'ALL' and 'all' differ in case only.\n"
                "  where: {root}\n"
                "  what to do: Write them alike, or name the classes with the option classes if they are two."
            ),
        ),
        (
            CLASSES,
            {"classes": ["blats", "nromal"]},
            (
                "No folder is named after a class that was asked for; there are: blast, normal.\n"
                "  what to do: Did you mean 'blast'? Known: blast, normal."
            ),
        ),
        (
            CLASSES,
            {"patients": "folders"},
            (
                "The option patients must be one of none, folder; got 'folders'.\n"
                "  what to do: Did you mean 'folder'? Known: folder, none."
            ),
        ),
        (CLASSES, {"classes": 3}, "The option classes must be a list of names; got 3."),
        (
            CLASSES,
            {"positive": "blats"},
            "There is no class 'blats'.\n  what to do: Did you mean 'blast'? Known: blast, normal.",
        ),
        (CLASSES, {"patients_table": 3}, "The option patients_table must be a path; got 3."),
        (
            CLASSES,
            {"patients_table": "who.csv"},
            (
                "The option patients_table names what is not there.\n"
                "  where: {root}/who.csv\n"
                "  what to do: Check the path."
            ),
        ),
        (
            [*CLASSES, "who.csv"],
            {"patients_table": "who.csv"},
            (
                "A table of patients was given, but no folder is a patient's.\n"
                "  where: {root}/who.csv\n"
                "  what to do: Say patients='folder', or leave the table out."
            ),
        ),
    ],
)
def test_each_fault_has_its_message(
    paths: list[str], options: dict[str, object], message: str, tree: Callable[[list[str]], Path]
) -> None:
    root = tree(paths)
    if len(list(root.iterdir())) < len({path.split("/")[0] for path in paths}):
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(LeukoscopeError) as error:
        read_cohort(root, "folder", **options)
    assert str(error.value) == message.format(root=root)
