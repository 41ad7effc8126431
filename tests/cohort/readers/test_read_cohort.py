from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.readers import READERS, recognise
from leukoscope.errors import DataError, SettingsError

CNMC = ["C-NMC_Leukemia/training_data/fold_0/all/UID_1_2_3_all.bmp"]
LYON = ["clinical_annotation.csv", "trainset/P1/000002.jpg"]
PBC = ["basophil/BA_1.jpg", "ig/MMY_2.jpg"]
DRAWN = ["cells.csv", "patients.csv", "classes.json", "pictures/1.png"]
FOLDER = ["blast/1.png", "normal/2.png"]


@pytest.mark.parametrize(
    ("name", "paths"), [("cnmc", CNMC), ("lyon", LYON), ("pbc", PBC), ("drawn", DRAWN), ("folder", FOLDER)]
)
def test_a_layout_is_recognised(name: str, paths: list[str], tree: Callable[[list[str]], Path]) -> None:
    assert recognise(tree(paths)).name == name


def test_class_folders_of_the_same_names_as_a_data_sets_are_not_taken_for_it(
    tree: Callable[[list[str]], Path],
) -> None:
    assert recognise(tree(["all/1.png", "hem/2.png", "basophil/3.png", "monocyte/4.png"])).name == "folder"


def test_what_was_recognised_is_said_and_what_was_named_is_not(tree: Callable[[list[str]], Path]) -> None:
    root = tree(CNMC)
    guessed = read_cohort(str(root))
    assert guessed.notes == ("Read by the reader 'cnmc', recognised by its layout.",)
    assert read_cohort(root, "cnmc").notes == ()
    assert guessed.cells.equals(read_cohort(root, "cnmc").cells)


def test_a_csv_is_read_as_a_table(tree: Callable[[list[str]], Path]) -> None:
    root = tree(FOLDER)
    (root / "t.csv").write_text("path,label\nblast/1.png,blast\nnormal/2.png,normal\n")
    assert read_cohort(root / "t.csv").labelled.height == 2


def test_an_unknown_reader_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as error:
        read_cohort("pictures", "cmnc")
    assert str(error.value) == (
        f"There is no reader 'cmnc'.\n  what to do: Did you mean 'cnmc'? Known: {', '.join(sorted(READERS))}."
    )


def test_an_unknown_option_is_refused_with_the_nearest(tree: Callable[[list[str]], Path]) -> None:
    with pytest.raises(SettingsError) as error:
        read_cohort(tree(FOLDER), "folder", patiens="folder")
    assert str(error.value) == (
        "The reader 'folder' has no option 'patiens'.\n"
        "  what to do: Did you mean 'patients'? Known: classes, patients, patients_table, positive."
    )
    with pytest.raises(SettingsError) as error:
        read_cohort(tree(CNMC), "cnmc", fold=1)
    assert str(error.value) == "The reader 'cnmc' has no option 'fold'.\n  what to do: Known: none."


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_cohort(tmp_path / "nowhere")
    assert str(error.value) == f"There is no such folder.\n  where: {tmp_path}/nowhere\n  what to do: Check the path."


def test_a_single_picture_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root / "1.png")
    assert str(error.value) == (
        "This is a single file; a cohort is read from a folder, or from a csv or parquet table.\n"
        f"  where: {root}/1.png\n"
        "  what to do: Name the folder that it lies in."
    )


@pytest.mark.parametrize("reader", ["cnmc", "lyon", "pbc", "drawn", "folder"])
def test_a_file_where_a_folder_is_needed_is_refused(reader: str, tree: Callable[[list[str]], Path]) -> None:
    root = tree(["1.png"])
    with pytest.raises(DataError) as error:
        read_cohort(root / "1.png", reader)
    assert str(error.value) == (
        "A folder is needed here, and this is a file.\n"
        f"  where: {root}/1.png\n"
        "  what to do: Name the folder that it lies in."
    )


@pytest.mark.parametrize("reader", [None, "cnmc", "lyon", "pbc", "folder"])
def test_an_empty_folder_is_refused(reader: str | None, tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_cohort(tmp_path, reader)
    assert str(error.value) == (
        f"This folder is empty.\n  where: {tmp_path}\n  what to do: Check the path, or unpack the data set first."
    )


def test_a_folder_without_pictures_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["a/notes.txt"])
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        f"There are no pictures in this folder.\n  where: {root}\n  what to do: Check the path."
    )


def test_a_layout_that_fits_no_reader_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree(["one/1.png", "one/2.png", "labels.csv"])
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        "No reader recognises the layout of this folder.\n"
        f"  where: {root}\n"
        f"  what to do: Name a reader: {', '.join(sorted(READERS))}. If labels.csv lists the pictures, read it "
        "with the reader 'table'."
    )


def test_a_folder_of_several_data_sets_is_refused(tree: Callable[[list[str]], Path]) -> None:
    root = tree([*CNMC, *PBC])
    with pytest.raises(DataError) as error:
        read_cohort(root)
    assert str(error.value) == (
        "This folder holds more than one data set: cnmc, pbc.\n"
        f"  where: {root}\n"
        "  what to do: Name the folder of one, or the reader."
    )


def test_importing_the_cohort_brings_neither_torch_nor_timm() -> None:
    code = "import sys, leukoscope.cohort; print([n for n in ('torch', 'timm', 'PIL') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
