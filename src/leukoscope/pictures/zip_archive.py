"""Pictures in a zip archive: listed, and read one by one from where they lie; nothing is ever unpacked to the disk.

A member's name is only a name: whatever it says (``../../a.png``, ``/etc/a.png``), nothing is looked up by it outside
of the archive. What a member claims to hold is limited before it is unpacked, and more than that is never unpacked.
"""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from leukoscope.cohort.readers.listing import IGNORED_FOLDERS, Listing, with_names
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted
from leukoscope.pictures.decode import Content

ENDING = ".zip"
ReadMember = Callable[[str], Content]

_DIRECTORY_ENTRY = 512
"""Bytes of the archive's directory that a member may take on the mean: 46 and its name (APPNOTE 4.3.12)."""
_MIB = 1 << 20
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_SIZE, _LOCATOR_SIZE, _LONGEST_COMMENT = 22, 20, 1 << 16
_UNKNOWN = 0xFFFFFFFF
_ENCRYPTED = 1


@dataclass(frozen=True)
class ZipLimits:
    """What an archive may hold at most.

    Args:
        members: Files.
        megabytes: MiB of one picture's file, unpacked.
        ratio: How many times smaller than its file a picture of more than 1 MiB may be packed.
        plain: Whether only stored and deflated files are taken: others may ask for gigabytes before they are unpacked.
    """

    members: int = 500_000
    megabytes: int = 256
    ratio: int = 200
    plain: bool = False


@dataclass(frozen=True, eq=False)
class ZipArchive:
    """The pictures of an archive; it is opened anew to read them.

    Args:
        path: The archive.
        listing: Its files as those of a folder, their names as paths; ``notes`` say what was passed over.
        problems: Why a picture is not tried, by its path.
        numbers: The place of each picture in the archive's directory, by its path.
        data: Its bytes, where they are in memory and the path is only a name; None where it is a file.
        unpacked: Bytes of all its files, as its directory states them.
    """

    path: Path
    listing: Listing
    problems: dict[str, str] = field(repr=False)
    numbers: dict[str, int] = field(repr=False)
    data: bytes | None = field(repr=False, default=None)
    unpacked: int = 0

    @property
    def pictures(self) -> pl.DataFrame:
        """The files with a picture's ending, as ``Listing.pictures``; ``excluded`` says why one is not tried."""
        found = self.listing.pictures
        wrong = pl.Series("wrong", [self.problems.get(path) for path in found["path"]], dtype=pl.String)
        return found.with_columns(wrong).with_columns(pl.coalesce("excluded", "wrong").alias("excluded")).drop("wrong")

    @contextlib.contextmanager
    def opened(self) -> Iterator[ReadMember]:
        """Open the archive; give what reads a picture by its path, in any number of threads.

        That raises a DataError where the picture is damaged.
        """
        lock = threading.Lock()
        with _opened(self.path, self.data) as archive:
            infos = archive.infolist()

            def read(path: str) -> Content:
                number = self.numbers[path]
                if number >= len(infos) or _name(infos[number]) != path:
                    raise DataError("The archive was changed while its pictures were read.")
                return Content(_unpacked(archive, infos[number], lock))

            yield read


def list_zip(path: Path, limits: ZipLimits | None = None, data: bytes | None = None) -> ZipArchive:
    """List what lies in a zip archive; no picture is unpacked.

    Hidden folders and ``__MACOSX`` are passed over with a note, as in a folder. A picture that is encrypted, too large,
    packed beyond belief or whose name another one has had before is listed with the reason.

    Args:
        path: The archive.
        limits: What it may hold at most.
        data: Its bytes, where they are in memory; the path is only a name then.

    Raises:
        DataError: it is missing, no zip archive, damaged, holds nothing or too many files; or its files overlap, which
            no program that packs pictures does.
    """
    limits = limits or ZipLimits()
    _refuse_large_directory(path, limits, data)
    with _opened(path, data) as archive:
        infos = archive.infolist()
    files = {number: info for number, info in enumerate(infos) if not info.is_dir() and _name(info)}
    if len(files) > limits.members:
        raise _too_many(path, limits)
    if not files:
        raise DataError("This archive is empty.", where=str(path), do="Check the path.")
    size = path.stat().st_size if data is None else len(data)
    if sum(info.compress_size for info in files.values()) > size:
        raise DataError(
            "The files in this archive overlap: it was made to unpack into far more than it holds.", where=str(path)
        )
    unpacked = sum(info.file_size for info in files.values())
    return replace(_archive(path, files, limits), data=data, unpacked=unpacked)


def reading(archive: ZipArchive | None) -> contextlib.AbstractContextManager[ReadMember | None]:
    """Return an archive's ``opened``; what gives None where pictures are files of their own.

    Args:
        archive: The archive; None where there is none.
    """
    return contextlib.nullcontext() if archive is None else archive.opened()


def _archive(path: Path, files: dict[int, zipfile.ZipInfo], limits: ZipLimits) -> ZipArchive:
    numbers, problems, passed = dict[str, int](), dict[str, str](), list[str]()
    for number, info in files.items():
        name = _name(info)
        if any(_hidden(folder) for folder in name.split("/")[:-1]):
            passed.append(name)
        elif name in numbers:
            problems[name] = "The archive holds several files of this name."
        else:
            numbers[name] = number
            problem = _problem(info, limits)
            problems |= {} if problem is None else {name: problem}
    parts = [name.rpartition("/") for name in numbers]
    table = pl.DataFrame(
        {"folder": [folder for folder, _, _ in parts], "name": [name for _, _, name in parts]},
        schema={"folder": pl.String, "name": pl.String},
    )
    notes = (f"Passed over, in hidden folders: {counted(len(passed), 'file')} ({listed(passed)}).",) if passed else ()
    return ZipArchive(path, Listing(path, with_names(table), notes), problems, numbers)


def _problem(info: zipfile.ZipInfo, limits: ZipLimits) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "The file is encrypted."
    if limits.plain and info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "The file is packed in a way that is not taken here; stored and deflated files are."
    if info.file_size > limits.megabytes * _MIB:
        return f"The file is larger than {limits.megabytes} MiB."
    packed = max(info.compress_size, 1)
    if info.file_size > _MIB and info.file_size > limits.ratio * packed:
        return f"The file is packed {info.file_size // packed:,} times smaller than it is, as no picture of a cell is."
    return None


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name with ``/``, as Windows' own programs do not always write it, and none at its start."""
    return info.filename.replace("\\", "/").lstrip("/")


def _hidden(folder: str) -> bool:
    return folder in IGNORED_FOLDERS or (folder.startswith(".") and folder not in {".", ".."})


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, lock: threading.Lock) -> bytes:
    # zipfile counts its open members without a lock; what they read it guards itself, and never gives more than the
    # size that the directory states.
    try:
        with lock:
            member = archive.open(info)
        try:
            return member.read()
        finally:
            with lock:
                member.close()
    except Exception as error:  # a damaged member makes a decompressor raise nearly anything
        raise DataError(f"The file is damaged within the archive: {_reason(error)}.") from error


@contextlib.contextmanager
def _opened(path: Path, data: bytes | None) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path if data is None else io.BytesIO(data))
    except FileNotFoundError:
        raise DataError("The archive is missing.", where=str(path), do="Check the path.") from None
    except OSError as error:
        raise DataError(f"This archive cannot be read: {error.strerror or error}.", where=str(path)) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        what = f"This is no zip archive, or it is damaged or cut off: {_reason(error)}."
        raise DataError(what, where=str(path), do="Copy it again.") from None
    with archive:
        yield archive


def _refuse_large_directory(path: Path, limits: ZipLimits, data: bytes | None) -> None:
    """Refuse a directory that is too large before it is read into memory."""
    try:
        with path.open("rb") if data is None else io.BytesIO(data) as file:
            size = _directory_size(file)
    except OSError:
        return  # ``_opened`` says what is wrong
    if size > limits.members * _DIRECTORY_ENTRY:
        raise _too_many(path, limits)


def _directory_size(file: BinaryIO) -> int:
    """Return the bytes of an archive's directory, as its last record states them; 0 where there is none."""
    length = file.seek(0, 2)
    start = max(length - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE, 0)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or end + _END_SIZE > len(tail):
        return 0
    (size,) = struct.unpack_from("<I", tail, end + 12)
    locator = end - _LOCATOR_SIZE
    if size != _UNKNOWN or locator < 0 or tail[locator : locator + 4] != _LOCATOR_64:
        return int(size)
    (place,) = struct.unpack_from("<Q", tail, locator + 8)
    file.seek(min(place, length))
    record = file.read(56)
    whole = len(record) == 56 and record[:4] == _END_64  # noqa: PLR2004 - APPNOTE 4.3.14
    return int(struct.unpack_from("<Q", record, 40)[0]) if whole else int(size)


def _too_many(path: Path, limits: ZipLimits) -> DataError:
    what = f"This archive holds more than {limits.members:,} files."
    return DataError(what, where=str(path), do="Unpack it, and name the folder.")


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
