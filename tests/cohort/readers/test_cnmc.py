from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort import Cohort, read_cohort
from leukoscope.errors import DataError

TRAINING = [
    "C-NMC_Leukemia/training_data/fold_0/all/UID_11_10_1_all.bmp",
    "C-NMC_Leukemia/training_data/fold_0/hem/UID_H11_10_2_hem.webp",
    "C-NMC_Leukemia/training_data/fold_2/hem/UID_h11_4_1_hem.png",
    "C-NMC_Leukemia/training_data/fold_2/all/UID_20_4_1_all.TIF",
]
PRELIMINARY = "C-NMC_Leukemia/validation_data/C-NMC_test_prelim_phase_data"
FINAL = "C-NMC_Leukemia/testing_data/C-NMC_test_final_phase_data"
CSV = (
    "Patient_ID,new_names,labels\n"
    "UID_57_29_1_all.bmp,1.bmp,1\n"
    "UID_h49_5_2_hem.bmp,2.bmp,0\n"
    "UID_54_35_3_all.bmp,3.bmp,1\n"
)


def row(cohort: Cohort, name: str) -> dict[str, object]:
    return cohort.cells.row(by_predicate=pl.col("id") == name, named=True)


def test_training_cells_carry_class_fold_subject_picture_and_cell(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(TRAINING), "cnmc")
    assert cohort.notes == ()
    assert cohort.classes.positive == "all"
    assert cohort.cells["id"].to_list() == [
        "UID_11_10_1_all",
        "UID_H11_10_2_hem",
        "UID_20_4_1_all",
        "UID_h11_4_1_hem",
    ]
    assert row(cohort, "UID_h11_4_1_hem") == {
        "id": "UID_h11_4_1_hem",
        "path": TRAINING[2],
        "label": "hem",
        "patient": "H11",
        "source": "cnmc",
        "place": "fold_2",
        "excluded": None,
        "picture_number": 4,
        "cell_number": 1,
        "original_name": "UID_h11_4_1_hem",
    }


def test_h_in_either_case_is_one_subject_with_the_class_of_its_cells(tree: Callable[[list[str]], Path]) -> None:
    patients = read_cohort(tree(TRAINING), "cnmc").patients
    assert dict(patients.select("patient", "label").iter_rows()) == {"11": "all", "H11": "hem", "20": "all"}


@pytest.mark.parametrize("beside", [True, False])
def test_preliminary_cells_are_named_by_the_csv_beside_or_inside(
    beside: bool, tree: Callable[[list[str]], Path]
) -> None:
    root = tree([f"{PRELIMINARY}/{number}.webp" for number in (1, 2, 3)])
    folder = root / PRELIMINARY
    csv = (folder.parent if beside else folder) / "C-NMC_test_prelim_phase_data_labels.csv"
    csv.write_text(CSV)
    cohort = read_cohort(root, "cnmc")
    assert cohort.notes == ()
    assert cohort.cells["id"].to_list() == ["preliminary/1", "preliminary/2", "preliminary/3"]
    assert cohort.cells["label"].to_list() == ["all", "hem", "all"]
    assert cohort.cells["patient"].to_list() == ["57", "H49", "54"]
    assert cohort.cells["original_name"].to_list() == ["UID_57_29_1_all", "UID_h49_5_2_hem", "UID_54_35_3_all"]
    assert cohort.cells["place"].unique().to_list() == ["preliminary"]


def test_the_challenges_layout_is_the_same_cohort(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["fold_0/all/UID_11_10_1_all.bmp", "phase2/1.bmp", "phase3/1.bmp"])
    (root / "phase2.csv").write_text(CSV)
    cohort = read_cohort(root)
    assert cohort.cells.select("id", "label", "patient", "place").rows() == [
        ("UID_11_10_1_all", "all", "11", "fold_0"),
        ("preliminary/1", "all", "57", "preliminary"),
        ("final/1", None, None, "final"),
    ]
    assert cohort.notes == (
        "Read by the reader 'cnmc', recognised by its layout.",
        "The labels csv names 3 preliminary pictures; 2 are not here.",
    )


@pytest.mark.parametrize(
    ("inside", "cells"),
    [
        ("C-NMC_Leukemia", 7),
        ("C-NMC_Leukemia/training_data", 4),
        ("C-NMC_Leukemia/training_data/fold_0", 2),
        ("C-NMC_Leukemia/training_data/fold_0/hem", 1),
        ("C-NMC_Leukemia/validation_data", 2),
        (PRELIMINARY, 2),
        (FINAL, 1),
    ],
)
def test_any_folder_inside_gives_the_same_ids(inside: str, cells: int, tree: Callable[[list[str]], Path]) -> None:
    root = tree([*TRAINING, f"{PRELIMINARY}/1.bmp", f"{PRELIMINARY}/2.bmp", f"{FINAL}/1.bmp"])
    (root / "C-NMC_Leukemia/validation_data/C-NMC_test_prelim_phase_data_labels.csv").write_text(CSV)
    whole = read_cohort(root, "cnmc").cells
    part = read_cohort(root / inside).cells
    assert part.height == cells
    assert part.drop("path").join(whole, on="id").height == cells
    assert part.drop("path").rows() == whole.filter(whole["id"].is_in(part["id"].implode())).drop("path").rows()


def test_a_merged_copy_without_folds_has_no_place(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["C-NMC_train_merged/all/UID_11_10_1_all.bmp"]))
    assert cohort.cells.select("label", "patient", "place").rows() == [("all", "11", None)]


def test_any_lossless_format_is_read_and_a_lossy_one_is_noted(tree: Callable[[list[str]], Path]) -> None:
    endings = ["ppm", "PGM", "gif", "jp2", "dib"]
    paths = [f"fold_0/all/UID_11_10_{number}_all.{ending}" for number, ending in enumerate(endings, start=1)]
    whole = read_cohort(tree(paths))
    assert whole.cells["id"].sort().to_list() == [f"UID_11_10_{number}_all" for number in range(1, 6)]
    assert whole.notes == ("Read by the reader 'cnmc', recognised by its layout.",)
    lossy = read_cohort(tree([*paths, "fold_0/hem/UID_H1_1_1_hem.jfif"]), "cnmc")
    assert lossy.notes == ("In a lossy format, so not as published: 1 picture (fold_0/hem/UID_H1_1_1_hem.jfif).",)


def test_a_name_that_contradicts_its_folder_is_excluded(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*TRAINING, "fold_1/all/UID_H5_1_1_hem.bmp"]), "cnmc")
    wrong = row(cohort, "UID_H5_1_1_hem")
    assert (wrong["label"], wrong["patient"]) == (None, "H5")
    assert wrong["excluded"] == "filed under all, named hem: UID_H5_1_1_hem"
    assert cohort.usable.height == 4


def test_a_name_without_a_subject_is_excluded(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree([*TRAINING, "fold_1/all/cell7.bmp"]), "cnmc")
    assert row(cohort, "cell7")["excluded"] == (
        "its name does not say the subject (UID_<subject>_<picture>_<cell>_<all or hem>): cell7"
    )


def test_stray_files_and_pictures_elsewhere_are_noted_or_excluded(tree: Callable[[list[str]], Path]) -> None:
    stray = ["fold_0/all/.DS_Store", "fold_0/all/Thumbs.db", "fold_0/index.html", "sketch.png", "fold_0/all/._1.bmp"]
    cohort = read_cohort(tree([*TRAINING, *stray]), "cnmc")
    assert row(cohort, "sketch.png")["excluded"] == "in none of C-NMC's folders"
    assert row(cohort, "._1")["excluded"] == (
        "a hidden file (its name begins with a dot), not a picture of the data set"
    )
    assert cohort.notes == (
        "Left out, not being pictures: 3 files (fold_0/all/.DS_Store, fold_0/all/Thumbs.db, fold_0/index.html).",
    )
    assert cohort.usable.height == 4


def test_one_cell_in_two_files_is_used_once(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["fold_0/all/UID_1_1_1_all.png", "fold_0/all/UID_1_1_1_all.bmp"]), "cnmc")
    assert cohort.cells.select("id", "excluded").rows() == [
        ("UID_1_1_1_all", None),
        (
            "fold_0/all/UID_1_1_1_all.png",
            "a second file of the cell 'UID_1_1_1_all', beside fold_0/all/UID_1_1_1_all.bmp",
        ),
    ]


def test_a_lossy_copy_is_read_and_said(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["fold_0/all/UID_1_1_1_all.jpg"]), "cnmc")
    assert cohort.usable.height == 1
    assert cohort.notes == ("In a lossy format, so not as published: 1 picture (fold_0/all/UID_1_1_1_all.jpg).",)


def test_preliminary_pictures_without_a_csv_have_no_label(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["phase2/1.bmp", "phase2/2.bmp"]))
    assert cohort.cells["label"].to_list() == [None, None]
    assert cohort.notes[1:] == ("Not in a labels csv, so of unknown class: 2 preliminary pictures.",)


def test_faulty_rows_of_the_csv_are_noted_or_excluded(tree: Callable[[list[str]], Path]) -> None:
    root = tree([f"phase2/{number}.bmp" for number in range(1, 7)])
    (root / "phase2.csv").write_text(
        " Patient_ID ,new_names,labels\n"
        "UID_1_1_1_all.bmp,1.bmp,0\n"  # contradicts its name
        "UID_1_1_2_all.bmp,2.bmp,nan\n"  # no label
        "UID_1_1_3_all.bmp,3.bmp,1\n"
        "UID_2_1_3_all.bmp,3.bmp,1\n"  # two subjects for one picture
        "somebody.bmp,4.bmp,1\n"  # no subject
        ",5.bmp,1\n"  # no name
        "UID_1_1_6_all.bmp,6.bmp,1.0\n"
        "UID_1_1_6_all.bmp,6.bmp,1.0\n"  # the same row again
    )
    cohort = read_cohort(root, "cnmc")
    assert dict(cohort.cells.select("id", "excluded").iter_rows()) == {
        "preliminary/1": "its row says hem, named all: UID_1_1_1_all",
        "preliminary/2": None,
        "preliminary/3": "its rows in the labels csv contradict each other",
        "preliminary/4": "its name does not say the subject (UID_<subject>_<picture>_<cell>_<all or hem>): somebody",
        "preliminary/5": "its row in the labels csv names no subject",
        "preliminary/6": None,
    }
    assert dict(cohort.usable.select("id", "label").iter_rows()) == {"preliminary/2": None, "preliminary/6": "all"}
    assert cohort.notes == ("phase2.csv: without a name or a label of 0 or 1: 1 row (row 3).",)


def test_a_csv_without_its_columns_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["phase2/1.bmp"])
    (root / "phase2.csv").write_text("name,labels\n1.bmp,1\n")
    with pytest.raises(DataError) as error:
        read_cohort(root, "cnmc")
    assert str(error.value) == (
        "The labels csv lacks the column 'Patient_ID' and 'new_names'; its columns: name, labels.\n"
        f"  where: {root}/phase2.csv\n"
        "  what to do: It must have: Patient_ID, new_names, labels."
    )


def test_a_subject_of_two_classes_is_noted_and_has_no_label(tree: Callable[[list[str]], Path]) -> None:
    cohort = read_cohort(tree(["fold_0/all/UID_1_1_1_all.bmp", "fold_0/hem/UID_1_1_2_hem.bmp"]), "cnmc")
    assert cohort.patients["label"].to_list() == [None]
    assert cohort.notes == ("Cells of more than one class: 1 patient (1).",)


def test_another_layout_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["blast/1.png", "normal/2.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root, "cnmc")
    assert str(error.value) == (
        "This folder is not in C-NMC's layout: no pictures in fold_k/all, fold_k/hem, C-NMC_test_prelim_phase_data or "
        "phase2, C-NMC_test_final_phase_data or phase3.\n"
        f"  where: {root}\n"
        "  what to do: Check the path; class folders of other pictures are read by the reader 'folder'."
    )
