from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leukoscope.cohort import read_cohort
from leukoscope.cohort.readers.bloodmnist import CLASSES
from leukoscope.errors import DataError, SettingsError

PARTS = {"train": 9, "val": 2, "test": 3}


def written(path: Path, size: int = 4, **changed: Any) -> Path:
    """Write an npz file as MedMNIST does, with other arrays where they are given, without those that are None."""
    arrays: dict[str, Any] = {}
    for part, count in PARTS.items():
        arrays[f"{part}_images"] = np.full((count, size, size, 3), 200, np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count, dtype=np.uint8) % 8)[:, None]
    arrays = {name: value for name, value in {**arrays, **changed}.items() if value is not None}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def expect_refusal(path: Path, text: str, **options: Any) -> None:
    with pytest.raises(DataError) as error:
        read_cohort(path, "bloodmnist", **options)
    assert str(error.value) == text


@pytest.mark.parametrize("at", [".", "data", "data/bloodmnist.npz"])
def test_the_file_its_folder_and_one_above_are_recognised(at: str, tmp_path: Path) -> None:
    written(tmp_path / "data" / "bloodmnist.npz")
    cohort = read_cohort(tmp_path / at)
    assert (cohort.reader, cohort.name, cohort.classes) == ("bloodmnist", "bloodmnist", CLASSES)
    assert dict(cohort.cells["place"].value_counts().rows()) == PARTS
    assert cohort.counts()["cells"].to_list() == [4, 3, 2, 1, 1, 1, 1, 1]
    path = "data/bloodmnist.npz" if at == "." else "bloodmnist.npz"
    last = ("test/2", f"{path}/test_images/2", "erythroblast", None, "bloodmnist", "test", None, 2)
    assert cohort.cells.row(-1) == last
    assert cohort.file(f"{path}/test_images/2").parent.parent.is_file()


def test_of_several_sizes_one_must_be_chosen(tmp_path: Path) -> None:
    written(tmp_path / "bloodmnist_64.npz", 64)
    written(tmp_path / "bloodmnist.npz", 28)
    expect_refusal(
        tmp_path,
        "BloodMNIST is here more than once: bloodmnist.npz (28 px), bloodmnist_64.npz (64 px).\n"
        f"  where: {tmp_path}\n"
        "  what to do: Name one of the files, or its size: size=64.",
    )
    assert read_cohort(tmp_path, size=64).cells["path"][0] == "bloodmnist_64.npz/train_images/0"
    assert read_cohort(tmp_path, size="28").notes[1:] == ("Left out, not being pictures: 1 file (bloodmnist_64.npz).",)
    here = "Here: bloodmnist.npz (28 px), bloodmnist_64.npz (64 px)."
    expect_refusal(tmp_path, f"BloodMNIST is not here at 128 px.\n  where: {tmp_path}\n  what to do: {here}", size=128)
    with pytest.raises(SettingsError) as error:
        read_cohort(tmp_path, size="large")
    assert str(error.value) == "The option size must be a number of pixels; got 'large'.\n  what to do: size=28."


def test_a_part_may_be_missing_and_a_wrong_label_excludes(tmp_path: Path) -> None:
    labels = np.array([[0], [9]], np.uint8)
    file = written(tmp_path / "bloodmnist.npz", val_labels=labels, test_images=None, test_labels=None)
    cohort = read_cohort(file)
    assert cohort.cells.height == 11
    assert cohort.cells.row(-1, named=True)["excluded"] == "its label is 9, not 0 to 7"
    assert cohort.cells.row(-1, named=True)["label"] is None
    assert cohort.notes[1:] == ("Not in bloodmnist.npz: test.",)


def test_pickled_objects_are_never_read(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "harmed",))

    harm = np.array([[Harm()]] * 2, dtype=object)
    file = written(tmp_path / "bloodmnist.npz", val_labels=harm)
    expect_refusal(
        file,
        "This array holds pickled objects; it is not read, since it could run any code.\n"
        f"  where: {file}, val_labels.npy",
    )
    assert not (tmp_path / "harmed").exists()


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "bloodmnist.npz"
    written(file, val_images=np.zeros((2, 4, 4), np.uint8))
    expect_refusal(
        file,
        f"Pictures must be (n, height, width, 3) uint8; these are (2, 4, 4) uint8.\n  where: {file}, val_images",
    )
    written(file, val_labels=np.zeros((3, 1), np.uint8))
    expect_refusal(
        file,
        f"Labels must be (2, 1) whole numbers, one a picture; these are (3, 1) uint8.\n  where: {file}, val_labels",
    )
    written(file, val_labels=None)
    expect_refusal(file, f"The array val_labels is missing: it says the classes.\n  where: {file}")
    np.savez(file, x=np.zeros(3))
    expect_refusal(
        file,
        "This npz file is not made as BloodMNIST is: no array train_images, val_images, test_images; there are: x.\n"
        f"  where: {file}",
    )


def test_a_file_of_another_name_is_read_only_if_the_reader_is_named(tmp_path: Path) -> None:
    file = written(tmp_path / "dermamnist.npz")
    with pytest.raises(DataError) as error:
        read_cohort(file)
    assert str(error.value) == (
        "This npz file does not have one of BloodMNIST's names (bloodmnist.npz, bloodmnist_64.npz, ...).\n"
        f"  where: {file}\n"
        "  what to do: If it is BloodMNIST, name the reader: bloodmnist."
    )
    assert read_cohort(file, "bloodmnist").cells.height == 14
    expect_refusal(
        tmp_path,
        "This folder holds no BloodMNIST: no bloodmnist.npz, bloodmnist_64.npz, bloodmnist_128.npz or "
        f"bloodmnist_224.npz.\n  where: {tmp_path}\n  what to do: Check the path.",
    )


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "bloodmnist.npz")
    file.write_bytes(file.read_bytes()[:-100])
    expect_refusal(
        file,
        "This npz file is damaged or cut off: File is not a zip file.\n"
        f"  where: {file}\n"
        "  what to do: Download it again.",
    )
