from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.readers import npz
from leukoscope.errors import DataError

NAMES = st.from_regex(r"\A[a-z_]{1,9}\Z")


@given(NAMES, NAMES, st.integers(0, 10**9))
def test_an_address_leads_back_to_its_picture(folder: str, array: str, number: int) -> None:
    path = Path(npz.address(f"{folder}/bloodmnist.npz", array, number))
    assert npz.parted(path) == npz.Address(Path(folder, "bloodmnist.npz"), array, number)


@pytest.mark.parametrize("path", ["P1/3.jpg", "a.npz", "a.npz/train", "a.npz/train/x", "a.npz/train/-1", "a/train/1"])
def test_other_paths_are_no_addresses(path: str) -> None:
    assert npz.parted(Path(path)) is None


def test_headers_are_read_without_the_arrays(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    np.savez_compressed(file, pictures=np.zeros((5, 2, 3, 3), np.uint8), labels=np.arange(5)[:, None])
    found = npz.headers(file)
    assert found["pictures"] == npz.ArrayHeader((5, 2, 3, 3), "uint8", 128)
    assert (found["labels"].shape, found["labels"].dtype) == ((5, 1), "int64")
    assert np.array_equal(npz.read_array(file, "labels"), np.arange(5)[:, None])


def test_an_array_that_is_missing_or_lies_column_by_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    np.savez(file, a=np.asfortranarray(np.ones((2, 3))))
    with pytest.raises(DataError) as error:
        npz.headers(file)
    assert str(error.value) == (
        f"This array is stored column by column, so its pictures lie in no one place.\n  where: {file}, a.npy"
    )
    with pytest.raises(DataError) as error:
        npz.read_array(file, "b")
    assert str(error.value) == f"There is no array 'b' in this npz file.\n  where: {file}"


def test_files_that_are_missing_or_no_npz_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    with pytest.raises(DataError) as error:
        npz.headers(file)
    assert str(error.value) == f"The file is missing.\n  where: {file}"
    file.write_bytes(b"no archive")
    with pytest.raises(DataError) as error:
        npz.headers(file)
    assert str(error.value) == (
        f"This npz file is damaged or cut off: File is not a zip file.\n  where: {file}\n"
        "  what to do: Download it again."
    )
