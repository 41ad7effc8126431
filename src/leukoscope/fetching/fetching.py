"""Fetching a data set: get the file, check it, unpack it, read it. Done twice, the second time changes nothing."""

from __future__ import annotations

import shlex
import urllib.parse
from dataclasses import dataclass, replace
from pathlib import Path

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.fetching.checking import digests, keep, wrong
from leukoscope.fetching.connection import InterruptedTransferError, Patience, check_address
from leukoscope.fetching.downloading import Tries, download, in_words
from leukoscope.fetching.extracting import extract, missing_pictures
from leukoscope.fetching.record import recorded, write_record
from leukoscope.fetching.source import Archive, Download, RemoteFile, Source
from leukoscope.fetching.sources import named_source
from leukoscope.files import locked

ALREADY = "it was there already"


@dataclass(frozen=True)
class Fetched:
    """A data set that is on disk now.

    Args:
        source: The data set.
        path: What its reader reads: a file, or a folder.
        checks: How it was checked, a sentence each.
        cohort: What its reader made of it.
    """

    source: Source
    path: Path
    checks: tuple[str, ...]
    cohort: Cohort

    @property
    def next_command(self) -> str:
        """What to do next."""
        return shlex.join(["leukoscope", "audit", str(self.path), "--reader", self.source.name])

    def __repr__(self) -> str:
        lines = [f"{self.source.name}: {self.path}", *(f"  checked: {check}" for check in self.checks)]
        return "\n".join(
            [*lines, f"  licence: {self.source.licence}", f"  cite: {self.source.cite}", repr(self.cohort)]
        )


def fetch(
    name: str, out: str | Path, *, size: str | None = None, mirror: str | None = None, patience: Patience | None = None
) -> Fetched:
    """Get a public data set, check it, and read it.

    What is there already and right is not got again; what is half there is gone on with.

    Args:
        name: A name from ``SOURCES`` of which ``download`` is not None.
        out: The folder to put it into.
        size: Side of the pictures in pixels, where there are several; the first one if not given.
        mirror: Another address: of the file itself, or (ending in ``/``) of the folder that it lies in.
        patience: How long to wait for servers.

    Returns:
        Where it is, how it was checked, and the cohort.

    Raises:
        SettingsError: no such data set or size, a data set that only a person can get, or an address that is not http.
        DataError: there is no connection, the disk is full, or what came is not what was published.
    """
    source = named_source(name)
    if source.download is None:
        steps = f"leukoscope fetch {name} prints the steps; {source.page}"
        raise SettingsError(f"{name} can't be fetched without a person.", do=steps)
    file, folder = _file(source, source.download, size, mirror), Path(out).expanduser()
    archive = source.download.archive
    with locked(folder):
        if archive is not None and not missing_pictures(folder / archive.folder, archive):
            path, checks = folder / archive.folder, [_complete(archive), f"{ALREADY}; nothing was fetched"]
        else:
            path, checks = _got(source, file, folder, None if mirror else source.download, patience or Patience())
            if archive is not None:
                path, checks = _unpacked(path, folder, archive, checks)
    return Fetched(source, path, tuple(checks), read_cohort(path, name))


def _file(source: Source, download: Download, size: str | None, mirror: str | None) -> RemoteFile:
    sizes = list(download.files)
    chosen = sizes[0] if size is None else size
    if chosen not in download.files:
        known = (
            f"Known: {', '.join(sorted(sizes, key=int))}."
            if sizes != [""]
            else f"Leave --size out: {source.name} comes in one size."
        )
        raise SettingsError(f"There is no {source.name} of size {chosen!r}.", do=known)
    file = download.files[chosen]
    if mirror is None:
        return file
    check_address(mirror)
    whole = Path(urllib.parse.urlsplit(mirror).path).suffix == Path(file.name).suffix
    return replace(file, url=mirror if whole else f"{mirror.rstrip('/')}/{file.name}")


def _got(
    source: Source, file: RemoteFile, folder: Path, publisher: Download | None, patience: Patience
) -> tuple[Path, list[str]]:
    """Return the file on disk and how it was checked; ``publisher`` is None where a mirror takes its place."""
    target = folder / file.name
    if target.is_file():
        return target, _checked_again(target, file)
    if publisher is not None and publisher.ask is not None:
        file = _asked(publisher, file, patience)
    part = download(file, folder, patience)
    found = digests(part.path)
    path = keep(part, found, file.digest)
    write_record(path, source, file, found)
    return path, [_how(file, found), in_words(path.stat().st_size)]


def _asked(publisher: Download, file: RemoteFile, patience: Patience) -> RemoteFile:
    assert publisher.ask is not None
    tries = Tries(file.url, patience)
    while True:
        try:
            return publisher.ask(file, patience)
        except InterruptedTransferError as cut:
            tries.failed(cut)


def _checked_again(path: Path, file: RemoteFile) -> list[str]:
    found, known = digests(path), recorded(path)
    if file.digest is not None and found[file.digest.algorithm] != file.digest.value:
        raise wrong(path, found, file.digest, "Nothing was changed: move the file away, or name another --out.")
    if known is not None and known.get("sha256") != found["sha256"]:
        raise DataError(
            f"The file has changed since it was fetched: its SHA-256 was {known.get('sha256')}, and is "
            f"{found['sha256']}.",
            where=str(path),
            do="Nothing was changed. Move it away and run the same command again.",
        )
    return [_how(file, found), f"{ALREADY}; nothing was fetched"]


def _how(file: RemoteFile, found: dict[str, str]) -> str:
    if file.digest is not None:
        return f"{file.digest}"
    return f"no checksum is known beforehand; the SHA-256 of what came is {found['sha256']}"


def _unpacked(path: Path, folder: Path, archive: Archive, checks: list[str]) -> tuple[Path, list[str]]:
    unpacked = extract(path, folder, archive)
    missing = missing_pictures(unpacked, archive)
    if missing:
        told = "; ".join(f"{name}: {found:,} of {number:,}" for name, (found, number) in missing.items())
        raise DataError(
            f"The numbers of pictures are not the published ones ({archive.published_by}): {told}.",
            where=str(unpacked),
            do=f"Add or take away nothing there. Delete {path} and that folder, and fetch them again.",
        )
    return unpacked, [*checks, "the CRC-32 of each picture in the zip", _complete(archive)]


def _complete(archive: Archive) -> str:
    number = counted(sum(archive.pictures.values()), "picture")
    return f"{number}, in each class as many as published ({archive.published_by})"
