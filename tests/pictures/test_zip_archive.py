"""Archives: read where they lie, and hostile ones refused."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.pictures.decode import decode_content
from leukoscope.pictures.zip_archive import ZipLimits, list_zip, reading

Pack = Callable[..., Path]


def png(value: int, size: int = 8) -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.full((size, size, 3), value, dtype=np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Write an archive of named contents."""

    def write(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
        with zipfile.ZipFile(tmp_path / "cells.zip", "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return tmp_path / "cells.zip"

    return write


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_pictures_are_read_from_where_they_lie(pack: Pack, method: int, tmp_path: Path) -> None:
    found = list_zip(pack({"b/2.png": png(2), "a.png": png(1), "notes.txt": b"x", "b/": b""}, method))
    assert found.pictures["path"].to_list() == ["a.png", "b/2.png"]
    assert found.listing.left_out() == ("Left out, not being pictures: 1 file (notes.txt).",)
    with found.opened() as read:
        values = [int(decode_content(read(path)).pixels[0, 0, 0]) for path in ("b/2.png", "a.png")]
    assert values == [2, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["cells.zip"]


def test_many_threads_may_read_at_once(pack: Pack) -> None:
    files = {f"{number}.png": png(number) for number in range(60)}
    with list_zip(pack(files)).opened() as read, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: read(name).data, [*files] * 5))
    assert found == [*files.values()] * 5


def test_a_climbing_or_absolute_name_is_only_a_name(pack: Pack, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(99))
    names = ["../secret.png", str(secret), "C:\\cells\\3.png", "a/../../secret.png", "/5.png", "b//6.png"]
    found = list_zip(pack({name: png(place) for place, name in enumerate(names)}))
    with found.opened() as read:
        values = {path: int(decode_content(read(path)).pixels[0, 0, 0]) for path in found.pictures["path"]}
    shown = ["../secret.png", str(secret).lstrip("/"), "C:/cells/3.png", "a/../../secret.png", "5.png", "b//6.png"]
    assert values == {name: place for place, name in enumerate(shown)}


def test_hidden_folders_are_passed_over_and_hidden_files_listed(pack: Pack) -> None:
    found = list_zip(pack({"a.png": png(1), "__MACOSX/._a.png": b"x", "b/._c.png": b"x", ".git/d.png": b"x"}))
    assert found.pictures.select("path").to_series().to_list() == ["a.png", "b/._c.png"]
    assert found.pictures["excluded"].to_list()[0] is None
    assert "a hidden file" in found.pictures["excluded"].to_list()[1]
    assert found.listing.notes == ("Passed over, in hidden folders: 2 files (__MACOSX/._a.png, .git/d.png).",)


def test_a_picture_that_is_packed_beyond_belief_is_not_tried(pack: Pack) -> None:
    found = list_zip(pack({"a.png": png(1), "bomb.bmp": bytes(4 << 20)}))
    problems = dict(found.pictures.select("path", "excluded").iter_rows())
    assert problems["a.png"] is None
    assert problems["bomb.bmp"] is not None
    assert problems["bomb.bmp"].startswith("The file is packed 1,0")
    assert problems["bomb.bmp"].endswith(" times smaller than it is, as no picture of a cell is.")


def test_a_picture_that_is_too_large_is_not_tried(pack: Pack) -> None:
    content = np.random.default_rng(0).bytes(3 << 20)
    found = list_zip(pack({"large.bmp": content}), ZipLimits(megabytes=2))
    assert found.pictures["excluded"].to_list() == ["The file is larger than 2 MiB."]


def test_too_many_files_are_refused(pack: Pack) -> None:
    path = pack({f"{number}.png": b"" for number in range(11)})
    assert list_zip(path, ZipLimits(members=11)).pictures.height == 11
    for most in (10, 1):  # one by the files, one by the size of the directory, before it is read
        with pytest.raises(DataError) as caught:
            list_zip(path, ZipLimits(members=most))
        assert str(caught.value) == (
            f"This archive holds more than {most} files.\n  where: {path}\n"
            "  what to do: Unpack it, and name the folder."
        )


def test_a_member_that_claims_less_than_it_holds_is_damaged_and_not_unpacked_further(pack: Pack) -> None:
    path = pack({"a.png": bytes(1 << 20)})
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 1000)  # the unpacked size, in the directory
    path.write_bytes(data)
    with list_zip(path).opened() as read, pytest.raises(DataError, match="The file is damaged within the archive: "):
        read("a.png")


def test_a_damaged_member_leaves_the_others(pack: Pack) -> None:
    path = pack({"a.png": png(1), "b.png": png(2)}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.find(b"a.png") + 30] ^= 0xFF
    path.write_bytes(data)
    said = r"^The file is damaged within the archive: Bad CRC-32 for file 'a\.png'\.$"
    with list_zip(path).opened() as read:
        with pytest.raises(DataError, match=said):
            read("a.png")
        assert read("b.png").data == png(2)


def test_an_encrypted_member_is_not_tried(pack: Pack) -> None:
    path = pack({"a.png": png(1)})
    data = bytearray(path.read_bytes())
    for place, offset in ((data.find(b"PK\x03\x04"), 6), (data.rfind(b"PK\x01\x02"), 8)):
        data[place + offset] |= 1
    path.write_bytes(data)
    assert list_zip(path).pictures["excluded"].to_list() == ["The file is encrypted."]


def test_files_that_overlap_are_refused(pack: Pack) -> None:
    """Many entries of one packed member: each is small, and together they unpack without end (Fifield 2019)."""
    path = pack({f"{number}.png": np.random.default_rng(0).bytes(2000) for number in range(3)}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    first = data.find(b"PK\x01\x02")
    entry, end = data[first : data.find(b"PK\x01\x02", first + 4)], data.rfind(b"PK\x05\x06")
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 40, 40, 40 * len(entry))
    path.write_bytes(data[:first] + 40 * entry + bytes(tail))
    with pytest.raises(DataError) as caught:
        list_zip(path)
    assert str(caught.value) == (
        f"The files in this archive overlap: it was made to unpack into far more than it holds.\n  where: {path}"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_the_picture_is_not_tried(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.png", png(1))
        archive.writestr("a.png", png(2))
    assert list_zip(tmp_path / "two.zip").pictures["excluded"].to_list() == [
        "The archive holds several files of this name."
    ]


def test_what_is_no_archive_is_refused(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(DataError) as caught:
        list_zip(tmp_path / "nowhere.zip")
    assert str(caught.value) == (
        f"The archive is missing.\n  where: {tmp_path / 'nowhere.zip'}\n  what to do: Check the path."
    )
    (tmp_path / "text.zip").write_text("no archive", encoding="utf-8")
    with pytest.raises(DataError, match="This is no zip archive, or it is damaged or cut off: File is not a zip file"):
        list_zip(tmp_path / "text.zip")
    whole = pack({"a.png": png(1)})
    whole.write_bytes(whole.read_bytes()[:40])
    with pytest.raises(DataError, match="This is no zip archive, or it is damaged or cut off"):
        list_zip(whole)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(DataError, match="This archive is empty"):
        list_zip(tmp_path / "empty.zip")


def test_an_archive_that_is_changed_while_it_is_read_is_noticed(pack: Pack) -> None:
    found = list_zip(pack({"a.png": png(1), "b.png": png(2)}))
    pack({"b.png": png(2), "a.png": png(1)})
    with found.opened() as read, pytest.raises(DataError, match="changed while its pictures were read"):
        read("a.png")


def test_files_of_their_own_need_no_archive() -> None:
    with reading(None) as read:
        assert read is None


def test_only_stored_and_deflated_files_may_be_asked_for(pack: Pack) -> None:
    said = {
        method: list_zip(pack({"a.png": png(1)}, method), ZipLimits(plain=True)).pictures["excluded"][0]
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    }
    refused = "The file is packed in a way that is not taken here; stored and deflated files are."
    assert list(said.values()) == [None, None, refused, refused]


def test_an_archive_in_memory_is_read_as_one_on_the_disk(pack: Pack, tmp_path: Path) -> None:
    path = pack({"b/2.png": png(2), "a.png": png(1)})
    here, there = list_zip(Path("cells.zip"), data=path.read_bytes()), list_zip(path)
    assert here.pictures.equals(there.pictures)
    assert here.unpacked == there.unpacked == len(png(1)) + len(png(2))
    with here.opened() as read:
        assert read("b/2.png").data == png(2)
    for data, what in ((b"", "This is no zip archive, or it is damaged"), (b"x" * 99, "This is no zip archive")):
        with pytest.raises(DataError, match=what):
            list_zip(tmp_path / "cells.zip", data=data)
