"""``fetched.json``: what was fetched into a folder, from where, and how it was checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError
from leukoscope.fetching.source import RemoteFile, Source
from leukoscope.files import read_json, write_json

NAME = "fetched.json"
VERSION = 1
DELETE = "Delete it; the file is checked again."


def write_record(path: Path, source: Source, file: RemoteFile, digests: dict[str, str]) -> None:
    """Add a file to the record beside it; what the record says of other files stays.

    Args:
        path: The file on disk.
        source: The data set.
        file: The file as it was fetched: its address, and what is published of it.
        digests: Its checksums as found.

    Raises:
        DataError: the record that is there is damaged.
    """
    entry = {
        "data_set": source.name,
        "url": file.url,
        "page": source.page,
        "bytes": path.stat().st_size,
        **digests,
        "published": None if file.digest is None else vars(file.digest),
        "licence": source.licence,
        "cite": source.cite,
        "fetched": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    files = {**_files(path.parent), path.name: entry}
    write_json(path.parent / NAME, {"version": VERSION, "files": files})


def recorded(path: Path) -> dict[str, Any] | None:
    """Return what the record beside a file says of it; None where it is not in it, or there is none.

    Raises:
        DataError: the record is damaged.
    """
    entry = _files(path.parent).get(path.name)
    return entry if isinstance(entry, dict) else None


def _files(folder: Path) -> dict[str, Any]:
    if not (folder / NAME).is_file():
        return {}
    try:
        record = read_json(folder / NAME)
    except DataError as error:
        raise DataError(error.what, where=error.where, do=DELETE) from None
    files = record.get("files") if isinstance(record, dict) else None
    if not isinstance(files, dict):
        raise DataError("This is no record of what was fetched.", where=str(folder / NAME), do=DELETE)
    return files
