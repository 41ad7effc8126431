from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukoscope.cohort import Cohort, read_cohort
from leukoscope.errors import DataError
from leukoscope.pictures import containers
from leukoscope.pictures.containers import PackedArray, packed_picture
from leukoscope.pictures.decode import MAX_PIXELS, decode
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in

COUNT, SIDE = 203, 6  # more bytes than zipfile reads with the header
SIZE = SIDE * SIDE * 3
FRAMING = parse_framing([{"center_crop": SIDE}])


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Random pictures, (203, 6, 6, 3) uint8; the last two are equal."""
    drawn = np.random.default_rng(4).integers(0, 256, (COUNT, SIDE, SIDE, 3), dtype=np.uint8)
    drawn[-1] = drawn[-2]
    return drawn


@pytest.fixture(params=["deflated", "stored"])
def file(request: pytest.FixtureRequest, pictures: np.ndarray, tmp_path: Path) -> Path:
    """The pictures in an npz file."""
    save = np.savez_compressed if request.param == "deflated" else np.savez
    save(tmp_path / "a.npz", before=np.zeros(50), pictures=pictures)
    return tmp_path / "a.npz"


@pytest.fixture
def deflated(pictures: np.ndarray, tmp_path: Path) -> Path:
    """The pictures in a deflated npz file."""
    np.savez_compressed(tmp_path / "a.npz", pictures=pictures)
    return tmp_path / "a.npz"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pictures a block, so that a few pictures make several blocks."""
    monkeypatch.setattr(containers, "BLOCK", 4 * SIZE + 1)


def start_of(file: Path) -> tuple[int, zipfile.ZipInfo]:
    """Where the array's packed bytes begin."""
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("pictures.npy")
    local = file.read_bytes()[info.header_offset :]
    return info.header_offset + 30 + int.from_bytes(local[26:28], "little") + int.from_bytes(
        local[28:30], "little"
    ), info


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, COUNT - 1), max_size=12))
def test_pictures_are_those_that_numpy_reads_in_any_order(order: list[int], file: Path, pictures: np.ndarray) -> None:
    array = PackedArray(file, "pictures", MAX_PIXELS)
    assert array.shape == pictures.shape
    assert [array.picture(number) for number in order] == [pictures[number].tobytes() for number in order]


@pytest.mark.usefixtures("small_blocks")
def test_several_threads_may_ask(file: Path, pictures: np.ndarray) -> None:
    array = PackedArray(file, "pictures", MAX_PIXELS)
    order = [*range(COUNT), *reversed(range(COUNT))] * 5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(array.picture, order))
    assert found == [pictures[number].tobytes() for number in order]


@pytest.mark.usefixtures("small_blocks")
def test_a_pass_unpacks_each_block_once_and_keeps_two(deflated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = list[int]()
    plain = PackedArray._unpacked

    def counting(self: PackedArray, packed: object, mark: object, size: int) -> object:
        sizes.append(size)
        return plain(self, packed, mark, size)  # type: ignore[arg-type]

    monkeypatch.setattr(PackedArray, "_unpacked", counting)
    array = PackedArray(deflated, "pictures", MAX_PIXELS)
    for number in range(COUNT):
        array.picture(number)
    assert sizes == [128, *[4 * SIZE] * 50, 3 * SIZE]
    assert len(array._blocks) == 2
    array.picture(9)
    assert sizes[52:] == [4 * SIZE]


def test_a_picture_in_a_container_is_decoded_like_a_file(file: Path, pictures: np.ndarray) -> None:
    decoded = decode(file / "pictures" / "5")
    assert np.array_equal(decoded.pixels, pictures[5])
    assert decoded.pixels.flags.writeable
    assert (decoded.width, decoded.height, decoded.mode, decoded.format, decoded.remarks) == (6, 6, "RGB", "NPZ", ())


def test_a_file_that_was_changed_is_read_anew(deflated: Path, pictures: np.ndarray) -> None:
    assert np.array_equal(decode(deflated / "pictures" / "0").pixels, pictures[0])
    np.savez_compressed(deflated, pictures=255 - pictures)
    os.utime(deflated, ns=(1, 1))
    assert np.array_equal(decode(deflated / "pictures" / "0").pixels, 255 - pictures[0])


def test_what_is_not_there_is_said(file: Path) -> None:
    with pytest.raises(DataError) as error:
        decode(file / "pictures" / "203")
    assert str(error.value) == f"There is no picture 203: the array holds 203.\n  where: {file}/pictures/203"
    with pytest.raises(DataError) as error:
        decode(file / "other" / "0")
    assert str(error.value) == f"There is no array 'other' in this npz file.\n  where: {file}/other/0"
    with pytest.raises(DataError) as error:
        decode(file.parent / "b.npz" / "pictures" / "0")
    assert str(error.value) == f"The file is missing.\n  where: {file.parent}/b.npz/pictures/0"
    assert packed_picture(file, MAX_PIXELS) is None


@pytest.mark.parametrize("most", [SIDE * SIDE - 1, MAX_PIXELS])
def test_other_arrays_and_too_large_pictures_are_refused(most: int, tmp_path: Path) -> None:
    shape = (2, SIDE, SIDE, 3) if most < SIDE * SIDE else (2, SIDE, SIDE)
    np.savez(tmp_path / "a.npz", pictures=np.zeros(shape, np.uint8))
    with pytest.raises(DataError) as error:
        PackedArray(tmp_path / "a.npz", "pictures", most)
    assert str(error.value) == (
        f"These are no pictures, (n, height, width, 3) uint8 of 1 to {most:,} pixels: they are {shape} uint8.\n"
        f"  where: {tmp_path}/a.npz, pictures"
    )


@pytest.mark.usefixtures("small_blocks")
def test_a_wrong_checksum_refuses_the_last_block(deflated: Path, pictures: np.ndarray) -> None:
    checksum = start_of(deflated)[1].CRC.to_bytes(4, "little")
    deflated.write_bytes(deflated.read_bytes().replace(checksum, b"1234"))
    array = PackedArray(deflated, "pictures", MAX_PIXELS)
    assert array.picture(199) == pictures[199].tobytes()
    for _ in range(2):
        with pytest.raises(DataError) as error:
            array.picture(200)
        assert error.value.what == "The array's checksum is wrong: some of its pictures are damaged."


@pytest.mark.parametrize(
    ("packed", "what"),
    [
        (zlib.compress(bytes(300), wbits=-15), "The array ends before its last picture."),
        (b"\xff" * 9, "The array is damaged: Error -3 while decompressing data: invalid block type."),
    ],
)
def test_damaged_packing_is_refused(packed: bytes, what: str, deflated: Path) -> None:
    start, content = start_of(deflated)[0], bytearray(deflated.read_bytes())
    content[start : start + len(packed)] = packed
    # The header is unpacked by zipfile too; only what follows it is to be damaged.
    array = PackedArray(deflated, "pictures", MAX_PIXELS)
    deflated.write_bytes(content)
    with pytest.raises(DataError) as error:
        array.picture(3)
    assert str(error.value) == f"{what}\n  where: {deflated}, pictures"


def test_an_encrypted_array_is_refused(deflated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = containers.header

    def encrypted(archive: zipfile.ZipFile, array: str) -> object:
        info, head = real(archive, array)
        info.flag_bits |= 1
        return info, head

    monkeypatch.setattr(containers, "header", encrypted)
    with pytest.raises(DataError, match="encrypted or packed in an unknown way"):
        PackedArray(deflated, "pictures", MAX_PIXELS)


@pytest.fixture
def cohort(pictures: np.ndarray, tmp_path: Path) -> Cohort:
    """A small BloodMNIST."""
    labels = (np.arange(COUNT, dtype=np.uint8) % 8)[:, None]
    np.savez_compressed(tmp_path / "bloodmnist.npz", train_images=pictures, train_labels=labels)
    return read_cohort(tmp_path)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("workers", [1, 4])
def test_the_intake_takes_a_container_in(workers: int, cohort: Cohort, pictures: np.ndarray, tmp_path: Path) -> None:
    intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store", workers=workers)
    table = intake.pictures
    assert table["problem"].null_count() == COUNT
    assert table["sha256"].to_list() == [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pictures]
    assert table["sha256"][-1] == table["sha256"][-2]
    assert table.select("bytes", "width", "height", "mode", "format", "remarks").unique().rows() == [
        (SIZE, SIDE, SIDE, "RGB", "NPZ", None)
    ]
    assert intake.store is not None
    assert np.array_equal(intake.store.batch(intake.store.rows(table["sha256"])), pictures)


@pytest.mark.usefixtures("small_blocks")
def test_damage_excludes_the_pictures_that_it_reaches(cohort: Cohort) -> None:
    file = cohort.root / "bloodmnist.npz"
    with zipfile.ZipFile(file) as archive:
        checksum = archive.getinfo("train_images.npy").CRC.to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(checksum, b"1234"))
    excluded = take_in(cohort).cohort.cells["excluded"]
    assert excluded.head(200).null_count() == 200
    assert (
        excluded.tail(3).to_list()
        == ["unreadable: The array's checksum is wrong: some of its pictures are damaged."] * 3
    )
