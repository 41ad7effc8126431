from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import resource
import shutil
import tempfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.pictures import store_writer
from leukoscope.pictures.framing import Framing, parse_framing
from leukoscope.pictures.store import PixelStore
from leukoscope.pictures.store_index import RECORD, StoreFiles, read_index
from leukoscope.pictures.store_writer import StoreWriter, explained_disk, refuse_small_disk

FRAMING = parse_framing([{"resize": [2, 3]}])
ROW = 18


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def row(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (2, 3, 3), dtype=np.uint8)


def build(folder: Path, numbers: range, framing: Framing = FRAMING) -> StoreFiles:
    files = StoreFiles(folder, framing)
    writer = StoreWriter(files)
    for number in numbers:
        writer.add(key(number), row(number))
    writer.flush()
    writer.close()
    return files


def expect(folder: Path, numbers: range) -> None:
    store = PixelStore(folder, FRAMING)
    assert len(store) == len(numbers)
    rows = store.rows([key(number) for number in numbers])
    assert np.array_equal(store.batch(rows), np.array([row(number) for number in numbers]).reshape(-1, 2, 3, 3))


def test_what_was_added_is_found_by_content(tmp_path: Path) -> None:
    build(tmp_path, range(5))
    expect(tmp_path, range(5))
    store = PixelStore(tmp_path, FRAMING)
    assert store.shape == (2, 3, 3)
    assert (key(3) in store, key(9) in store) == (True, False)
    picked = np.array([4, 0, 0, 2])
    assert np.array_equal(store.batch(picked), np.array([row(number) for number in picked]))
    assert repr(store) == f"PixelStore: 5 pictures of 2 x 3, 0 MB, {tmp_path}"


def test_batches_are_copies_and_the_store_is_read_only(tmp_path: Path) -> None:
    build(tmp_path, range(3))
    store = PixelStore(tmp_path, FRAMING)
    store.batch(np.array([1]))[:] = 0
    expect(tmp_path, range(3))
    with pytest.raises(ValueError, match="read-only"):
        store._pixels[0] = 0


def test_a_key_is_stored_once(tmp_path: Path) -> None:
    writer = StoreWriter(StoreFiles(tmp_path, FRAMING))
    writer.add(key(0), row(0))
    writer.add(key(0), row(1))
    writer.flush()
    writer.close()
    expect(tmp_path, range(1))


def test_an_absent_store_is_empty(tmp_path: Path) -> None:
    store = PixelStore(tmp_path / "absent", FRAMING)
    assert (len(store), store.batch(np.zeros(0, dtype=np.int64)).shape) == (0, (0, 2, 3, 3))
    assert not (tmp_path / "absent").exists()


def test_framings_share_a_folder_without_mixing(tmp_path: Path) -> None:
    other = parse_framing([{"center_crop": [2, 3]}])
    build(tmp_path, range(2))
    build(tmp_path, range(3), other)
    assert (len(PixelStore(tmp_path, FRAMING)), len(PixelStore(tmp_path, other))) == (2, 3)


def test_the_store_travels_to_other_processes(tmp_path: Path) -> None:
    build(tmp_path, range(3))
    again = pickle.loads(pickle.dumps(PixelStore(tmp_path, FRAMING)))
    assert np.array_equal(again.batch(again.rows([key(2)]))[0], row(2))


def test_missing_pictures_are_named(tmp_path: Path) -> None:
    build(tmp_path, range(1))
    with pytest.raises(DataError) as caught:
        PixelStore(tmp_path, FRAMING).rows([key(0), key(1), key(2)])
    assert str(caught.value) == (
        "A picture is not in the pixel store.\n"
        f"  where: {tmp_path}, SHA-256 {key(1)} (and 1 more)\n"
        "  what to do: Take the pictures in again with this framing."
    )


def test_a_framing_without_a_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        PixelStore(tmp_path, Framing())
    assert str(caught.value) == (
        "A pixel store needs pictures of one size; this framing gives none.\n"
        "  what to do: Add a step with a size to the framing, {resize: 128} or {center_crop: 300}."
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 6 * RECORD), st.binary(max_size=40))
def test_whatever_was_half_written_is_taken_up_again(index: int, tail: bytes) -> None:
    # A writer that was killed leaves whole pixels, perhaps more of them, and an index that ends anywhere.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = build(folder, range(6))
        files.index.write_bytes(files.index.read_bytes()[:index])
        with files.pixels.open("ab") as opened:
            opened.write(tail)
        assert len(PixelStore(folder, FRAMING)) == index // RECORD
        writer = StoreWriter(files)
        assert (writer.rebuilt, len(writer)) == (None, index // RECORD)
        writer.close()
        build(folder, range(8))
        expect(folder, range(8))
        assert files.pixels.stat().st_size == 8 * ROW


DAMAGES = {
    "a record of its index is wrong": lambda files: flip(files.index, 45),
    "the pixels of row 2 are wrong": lambda files: flip(files.pixels, 2 * ROW + 1),
    "pixels are missing": lambda files: os.truncate(files.pixels, 3 * ROW),
    "a picture stands twice in its index": lambda files: files.index.write_bytes(files.index.read_bytes()[:RECORD] * 2),
    "its head does not fit": lambda files: files.head.write_text("{}"),
}


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 255
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_noticed_and_the_store_built_anew(tmp_path: Path, how: str) -> None:
    files = build(tmp_path, range(4))
    DAMAGES[how](files)
    writer = StoreWriter(files)
    assert writer.rebuilt == f"The pixel store is damaged: {how}. It was built anew."
    assert len(writer) == 0
    writer.close()
    build(tmp_path, range(4))
    expect(tmp_path, range(4))


def test_a_head_that_is_no_json_is_damage(tmp_path: Path) -> None:
    files = build(tmp_path, range(2))
    files.head.write_text("{")
    writer = StoreWriter(files)
    assert writer.rebuilt is not None
    writer.close()


def test_a_reader_refuses_a_damaged_index(tmp_path: Path) -> None:
    files = build(tmp_path, range(4))
    flip(files.index, 0)
    with pytest.raises(DataError) as caught:
        PixelStore(tmp_path, FRAMING)
    assert str(caught.value) == (
        "The pixel store is damaged: a record of its index is wrong.\n"
        f"  where: {files.place}\n"
        "  what to do: Take the pictures in again: it is then built anew."
    )


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, range(3))
    room = [2 * ROW + 5]

    class Full(io.FileIO):
        def write(self, data: object) -> int:
            part = memoryview(data)[: room[0]]  # type: ignore[arg-type]
            if not len(part):
                raise OSError(errno.ENOSPC, "No space left on device")
            room[0] -= len(part)
            return super().write(part)

    monkeypatch.setattr(store_writer.io, "FileIO", Full)
    writer = StoreWriter(StoreFiles(tmp_path, FRAMING))
    for number in range(3, 8):
        writer.add(key(number), row(number))
    with pytest.raises(LeukoscopeError) as caught, explained_disk(tmp_path):
        writer.flush()
    writer.close()
    assert str(caught.value) == (
        "The disk is full: the pixel store cannot be written.\n"
        f"  where: {tmp_path}\n"
        "  what to do: Free space and start the same command again (it goes on where it stopped), "
        "or name another place."
    )
    expect(tmp_path, range(3))
    monkeypatch.undo()
    build(tmp_path, range(8))
    expect(tmp_path, range(8))


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(LeukoscopeError) as caught, explained_disk(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")
    assert str(caught.value) == (
        f"The pixel store cannot be written: Permission denied.\n  where: {tmp_path}\n  what to do: Name another place."
    )


def test_other_errors_pass_unexplained(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), explained_disk(tmp_path):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_a_disk_that_is_too_small_is_refused_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 5_000_000))
    refuse_small_disk(tmp_path, 5_000_000)
    with pytest.raises(LeukoscopeError) as caught:
        refuse_small_disk(tmp_path, 835_000_000)
    assert str(caught.value) == (
        "The pixel store needs 835 MB, and 5 MB are free.\n"
        f"  where: {tmp_path}\n"
        "  what to do: Free some space, name another place, or frame the pictures smaller."
    )


def test_pages_that_were_read_do_not_stay_in_memory(tmp_path: Path) -> None:
    framing = parse_framing([{"resize": 512}])
    files = StoreFiles(tmp_path, framing)
    writer = StoreWriter(files)
    for number in range(100):
        writer.add(key(number), np.full((512, 512, 3), number, dtype=np.uint8))
    writer.flush()
    writer.close()
    store = PixelStore(tmp_path, framing)
    held = []
    for number in range(100):
        assert (store.batch(np.array([number])) == number).all()
        held.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert max(held) - held[0] < 20e6  # the store has 79 MB


def test_records_stand_in_the_order_of_the_rows(tmp_path: Path) -> None:
    files = build(tmp_path, range(4))
    assert [found for found, _ in read_index(files)] == [key(number) for number in range(4)]
    assert files.index.stat().st_size == 4 * RECORD
