from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from leukoscope.errors import DataError, LeukoscopeError
from leukoscope.files import (
    locked,
    read_formatted,
    read_json,
    read_table,
    remove,
    replacing,
    sha256,
    write_bytes,
    write_json,
    write_table,
    write_text,
)


def broken_write(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError("disk full")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    write_text(path, "old")
    with pytest.raises(OSError, match="disk full"):
        broken_write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_first_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk full"):
        broken_write(tmp_path / "scores.json")
    assert list(tmp_path.iterdir()) == []


def test_writing_makes_the_folders_and_a_readable_file(tmp_path: Path) -> None:
    path = tmp_path / "run" / "deep" / "note.txt"
    write_text(path, "Grüße, 10 µm\n")
    assert path.read_text(encoding="utf-8") == "Grüße, 10 µm\n"
    assert path.stat().st_mode & 0o777 == 0o644


def test_json_comes_back(tmp_path: Path) -> None:
    value = {"name": "läuft", "values": [1, 2.5, None, True]}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
    assert "läuft" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_json_refuses_nan_and_keeps_the_old_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", float("nan"))
    assert read_json(tmp_path / "a.json") == 1


def test_missing_json(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_json(tmp_path / "a.json")
    assert str(raised.value) == f"A file is missing.\n  where: {tmp_path / 'a.json'}"


def test_json_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_json(tmp_path)
    assert str(raised.value) == f"This file cannot be read: Is a directory.\n  where: {tmp_path}"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b""])
def test_damaged_json(tmp_path: Path, content: bytes) -> None:
    write_bytes(tmp_path / "a.json", content)
    with pytest.raises(DataError, match="This is not a JSON file"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_table_comes_back(tmp_path: Path, name: str) -> None:
    table = pl.DataFrame({"id": ["a", "b,c", 'q"'], "n": [1, 2, None]})
    write_table(tmp_path / name, table)
    assert_frame_equal(read_table(tmp_path / name), table)


def test_text_keeps_leading_zeros(tmp_path: Path) -> None:
    write_text(tmp_path / "t.csv", "patient,age\n007,\n010,30\n")
    assert read_table(tmp_path / "t.csv", text=True).rows() == [("007", None), ("010", "30")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    write_bytes(tmp_path / "t.csv", b"\xef\xbb\xbfid,label\na,all\n")
    assert read_table(tmp_path / "t.csv", text=True).columns == ["id", "label"]


def test_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_table(tmp_path / "t.csv")
    assert str(raised.value) == f"A table is missing.\n  where: {tmp_path / 't.csv'}\n  what to do: Check the path."


def test_a_table_of_another_kind(tmp_path: Path) -> None:
    write_text(tmp_path / "t.xlsx", "")
    with pytest.raises(DataError) as raised:
        read_table(tmp_path / "t.xlsx")
    assert str(raised.value) == f"A table must end in .csv or .parquet.\n  where: {tmp_path / 't.xlsx'}"


@pytest.mark.parametrize(
    ("name", "content"), [("t.csv", b""), ("t.parquet", b"PAR1 no"), ("t.csv", b"a,b\n\xff\xfe,1\n")]
)
def test_a_damaged_table(tmp_path: Path, name: str, content: bytes) -> None:
    write_bytes(tmp_path / name, content)
    with pytest.raises(DataError, match="This table cannot be read: "):
        read_table(tmp_path / name)


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_locked_folder_is_refused_to_others_until_it_is_left(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(LeukoscopeError) as raised, locked(tmp_path):
        pytest.fail("two hold the folder")
    assert str(raised.value) == (
        f"Another process is working in this folder.\n  where: {tmp_path}\n"
        "  what to do: Wait for it, or name another --out."
    )
    with locked(tmp_path):
        pass


def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from leukoscope.files import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 9
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("name", ["file", "file/below", "file/below/that"])
def test_a_file_where_a_folder_is_needed(tmp_path: Path, name: str) -> None:
    write_text(tmp_path / "file", "kept")
    said = f"A folder is needed here, and this is a file.\n  where: {tmp_path}/file\n  what to do: Name another --out."
    with pytest.raises(LeukoscopeError) as raised, locked(tmp_path / name):
        pytest.fail("a file was locked as a folder")
    assert str(raised.value) == said
    with pytest.raises(LeukoscopeError) as raised:
        write_text(tmp_path / name / "a.txt", "a")
    assert str(raised.value) == said
    assert (tmp_path / "file").read_text() == "kept"


def test_a_folder_where_a_file_is_needed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(LeukoscopeError) as raised:
        write_text(tmp_path / "folder", "a")
    assert str(raised.value) == (
        f"A file is needed here, and this is a folder.\n  where: {tmp_path}/folder\n"
        "  what to do: Name a file, not a folder."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_remove_takes_files_folders_and_nothing(tmp_path: Path) -> None:
    write_text(tmp_path / "folder" / "a", "a")
    write_text(tmp_path / "kept" / "b", json.dumps(1))
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("folder", "link", "missing"):
        remove(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "b").is_file()


def test_a_record_is_read_only_where_its_format_is_known(tmp_path: Path) -> None:
    path = tmp_path / "thing.json"
    with pytest.raises(DataError) as caught:
        read_formatted(path, 2, "thing", do="Make one.")
    assert str(caught.value) == f"This folder holds no thing.\n  where: {tmp_path}\n  what to do: Make one."
    for strange in ({"format": 1}, {}, [2]):
        write_json(path, strange)
        with pytest.raises(DataError) as caught:
            read_formatted(path, 2, "thing", do="Make one.")
        assert str(caught.value) == f"This thing's record is not of format 2.\n  where: {path}"
    write_json(path, {"format": 2, "name": "a"})
    assert read_formatted(path, 2, "thing", do="Make one.") == {"format": 2, "name": "a"}
