from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from leukoscope.errors import DataError
from leukoscope.fetching.extracting import extract, missing_pictures
from leukoscope.fetching.source import Archive

ARCHIVE = Archive("set", {"a": 2, "b": 1}, "X 2020", most_files=5, most_bytes=1000)
GOOD = {"set/a/1.jpg": b"one", "set/a/2.jpg": b"two", "set/b/1.jpg": b"three", "set/b/.DS_1.jpg": b"junk"}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr(zipfile.ZipInfo("set/"), b"")
        for name, content in files.items():
            written.writestr(name, content)
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", {**GOOD, "__MACOSX/set/a/._1.jpg": b"x", "set/__MACOSX/1.jpg": b"x"})
    assert extract(path, tmp_path / "out", ARCHIVE) == tmp_path / "out" / "set"
    assert tree(tmp_path / "out") == GOOD
    assert missing_pictures(tmp_path / "out" / "set", ARCHIVE) == {}


def test_a_second_time_writes_only_what_is_missing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", GOOD)
    folder = extract(path, tmp_path, ARCHIVE)
    (folder / "a" / "1.jpg").unlink()
    kept = (folder / "a" / "2.jpg").stat().st_mtime_ns
    assert missing_pictures(folder, ARCHIVE) == {"a": (1, 2)}
    extract(path, tmp_path, ARCHIVE)
    assert tree(folder)["a/1.jpg"] == b"one"
    assert (folder / "a" / "2.jpg").stat().st_mtime_ns == kept


def test_a_file_of_the_user_s_is_not_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "set" / "a" / "1.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"own")
    with pytest.raises(DataError) as caught:
        extract(zipped(tmp_path / "set.zip", GOOD), tmp_path, ARCHIVE)
    assert str(caught.value) == (
        f"Another file of the same name is in the way.\n  where: {mine}\n  what to do: Name another folder with --out."
    )
    assert mine.read_bytes() == b"own"


@pytest.mark.parametrize(
    "name",
    ["../x.jpg", "set/../../x.jpg", "/etc/x.jpg", "set\\..\\..\\x.jpg", "C:/x.jpg", "set/C:/x.jpg"],
)
def test_nothing_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "set.zip", {**GOOD, name: b"evil"})
    with pytest.raises(DataError, match=r"not safe to unpack: a file in it would be written elsewhere\."):
        extract(path, tmp_path / "deep" / "out", ARCHIVE)
    assert tree(tmp_path) == {"set.zip": path.read_bytes()}


def test_a_file_in_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a file in it does not lie in set\."):
        extract(zipped(tmp_path / "set.zip", {"other/1.jpg": b"x"}), tmp_path, ARCHIVE)


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("set/a/link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match=r"a file in it is a link\."):
        extract(tmp_path / "set.zip", tmp_path, ARCHIVE)


@pytest.mark.parametrize("files", [{f"set/a/{i}.jpg": b"x" for i in range(6)}, {"set/a/1.jpg": bytes(1001)}])
def test_a_zip_without_end_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(DataError, match="This zip is larger than the data set can be"):
        extract(zipped(tmp_path / "set.zip", files), tmp_path, ARCHIVE)
    assert not (tmp_path / "set").exists()


def test_a_damaged_zip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(b"<html>log in</html>")
    with pytest.raises(DataError) as caught:
        extract(path, tmp_path, ARCHIVE)
    assert str(caught.value) == (
        f"This zip is damaged: File is not a zip file.\n  where: {path}\n  what to do: Delete it, and fetch it again."
    )


def test_a_damaged_picture_is_found_by_its_crc(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as written:
        written.writestr("set/a/1.jpg", b"the bytes of a picture")
    path.write_bytes(path.read_bytes().replace(b"the bytes of", b"the bites of"))
    with pytest.raises(DataError, match=r"This zip is damaged: Bad CRC-32 for file 'set/a/1\.jpg'"):
        extract(path, tmp_path, ARCHIVE)
    assert not list(tmp_path.rglob("*.jpg"))


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "set.zip", GOOD)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(DataError, match="15 bytes are needed, 10 bytes are free"):
        extract(path, tmp_path, ARCHIVE)
    assert not (tmp_path / "set").exists()
