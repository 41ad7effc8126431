"""Unpacking a zip that came from outside: nothing is written outside its folder, and nothing without end."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath

from leukoscope.errors import DataError
from leukoscope.fetching.downloading import in_words, refuse_full_disk
from leukoscope.fetching.source import Archive
from leukoscope.progress import progress

ENCRYPTED = 0x1
UNIX_MODE = 16  # bits that the mode of a file is shifted by in a zip's directory
LEFT_OUT = "__MACOSX"
ENDING = ".jpg"


def extract(path: Path, folder: Path, archive: Archive) -> Path:
    """Unpack a zip; files that are there already, byte for byte, are left as they are.

    Args:
        path: The zip.
        folder: Where to; the archive's own folder is made in it.
        archive: What must be in it.

    Returns:
        The archive's own folder.

    Raises:
        DataError: the zip is damaged, wants to write outside ``folder``, holds links, is too large, or another file of
            the same name is in the way. But for damage and that last fault nothing has been written then.
    """
    try:
        with zipfile.ZipFile(path) as opened:
            members = _members(opened, path, archive)
            folder.mkdir(parents=True, exist_ok=True)
            refuse_full_disk(sum(0 if _is_there(member, folder) else member.file_size for member in members), folder)
            with progress(f"unpacking {path.name}", len(members)) as advance:
                for member in members:
                    _unpack(opened, member, folder)
                    advance(1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(
            f"This zip is damaged: {error}.", where=str(path), do="Delete it, and fetch it again."
        ) from None
    return folder / archive.folder


def missing_pictures(folder: Path, archive: Archive) -> dict[str, tuple[int, int]]:
    """Return the classes whose number of pictures is not the published one: name to (found, published).

    Hidden files do not count.
    """
    found = Counter(
        place.parent.name
        for place in folder.glob(f"*/*{ENDING}")
        if not place.name.startswith(".") and place.stat().st_size
    )
    return {name: (found[name], number) for name, number in archive.pictures.items() if found[name] != number}


def _members(opened: zipfile.ZipFile, path: Path, archive: Archive) -> list[zipfile.ZipInfo]:
    members = [entry for entry in opened.infolist() if not entry.is_dir() and LEFT_OUT not in _parts(entry)]
    for member in members:
        fault = _fault(member, archive)
        if fault:
            raise DataError(
                f"This zip is not safe to unpack: {fault}.",
                where=f"{path}, {member.filename!r}",
                do="Nothing was unpacked. Get the file from its publisher.",
            )
    size = sum(member.file_size for member in members)
    if len(members) > archive.most_files or size > archive.most_bytes:
        raise DataError(
            f"This zip is larger than the data set can be: {len(members):,} files of {in_words(size)}.",
            where=str(path),
            do="Nothing was unpacked. Get the file from its publisher.",
        )
    return members


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(member.filename.replace("\\", "/")).parts


def _fault(member: zipfile.ZipInfo, archive: Archive) -> str | None:
    parts = _parts(member)
    if stat.S_ISLNK(member.external_attr >> UNIX_MODE):
        return "a file in it is a link"
    if not parts or ".." in parts or parts[0].startswith("/") or any(":" in part or "\0" in part for part in parts):
        return "a file in it would be written elsewhere"
    if parts[0] != archive.folder:
        return f"a file in it does not lie in {archive.folder}"
    return "a file in it is encrypted" if member.flag_bits & ENCRYPTED else None


def _place(member: zipfile.ZipInfo, folder: Path) -> Path:
    return folder.joinpath(*_parts(member))


def _is_there(member: zipfile.ZipInfo, folder: Path) -> bool:
    place = _place(member, folder)
    return place.is_file() and place.stat().st_size == member.file_size and zlib.crc32(place.read_bytes()) == member.CRC


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    place = _place(member, folder)
    if _is_there(member, folder):
        return
    if place.exists():
        raise DataError(
            "Another file of the same name is in the way.", where=str(place), do="Name another folder with --out."
        )
    # Reading compares the bytes with the checksum (CRC-32) in the zip.
    content = opened.read(member)
    place.parent.mkdir(parents=True, exist_ok=True)
    # Not flushed to the disk one by one, as files.py does: 17,000 of them would take minutes, and a second run checks.
    temporary = place.with_name(f".{place.name}.part")
    temporary.write_bytes(content)
    temporary.replace(place)
