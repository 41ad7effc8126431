"""Writing and reading files so that nothing is ever half written: temporary name, flush, rename."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import polars as pl

from leukoscope.errors import DataError, LeukoscopeError

TABLE_ENDINGS = (".csv", ".parquet")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on leaving without an error it takes the place of ``path``.

    Raises:
        LeukoscopeError: ``path`` is a folder, or what its folder should be is a file.
    """
    make_folder(path.parent)
    if path.is_dir():
        raise LeukoscopeError(
            "A file is needed here, and this is a folder.", where=str(path), do="Name a file, not a folder."
        )
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder beside ``folder``; on leaving without an error it takes the place of ``folder``."""
    make_folder(folder.parent)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        remove(folder)
        temporary.rename(folder)
    finally:
        remove(temporary)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write ``value`` to ``path`` as indented JSON; NaN is refused, since other readers reject it."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON from ``path``.

    Raises:
        DataError: the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError("A file is missing.", where=str(path)) from None
    except OSError as error:
        raise DataError(f"This file cannot be read: {error.strerror}.", where=str(path)) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"This is not a JSON file: {error}.", where=str(path)) from None


def read_formatted(path: Path, number: int, of: str, *, do: str) -> dict[str, Any]:
    """Read the JSON record that makes a folder what it is, and refuse one of another format.

    Args:
        path: The record.
        number: The format that is read here; the record's own stands under ``format``.
        of: What the folder holds: ``run``, ``study``, ...
        do: What to do where it holds none.

    Raises:
        DataError: there is no record, it is no JSON object, or one of another format.
    """
    if not path.is_file():
        raise DataError(f"This folder holds no {of}.", where=str(path.parent), do=do)
    record = read_json(path)
    if not isinstance(record, dict) or record.get("format") != number:
        raise DataError(f"This {of}'s record is not of format {number}.", where=str(path))
    return record


def write_table(path: Path, table: pl.DataFrame) -> None:
    """Write a table as csv or parquet, by the ending of ``path``.

    Raises:
        DataError: the ending is neither.
    """
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise DataError("A table must end in .csv or .parquet.", where=str(path))
    # Through memory: of a full disk Polars says only that something could not be computed.
    content = io.BytesIO()
    if path.suffix.lower() == ".parquet":
        table.write_parquet(content)
    else:
        table.write_csv(content)
    write_bytes(path, content.getvalue())


def read_table(path: Path, *, text: bool = False) -> pl.DataFrame:
    """Read a csv or parquet table.

    Args:
        path: The file; its ending says which it is.
        text: Read every csv column as text (so that ``007`` stays ``007``); empty fields are null.

    Raises:
        DataError: the file is missing, is neither csv nor parquet, or is damaged.
    """
    if not path.is_file():
        raise DataError("A table is missing.", where=str(path), do="Check the path.")
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise DataError("A table must end in .csv or .parquet.", where=str(path))
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path, glob=False)
        return pl.read_csv(path, infer_schema=not text, infer_schema_length=10_000, glob=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"This table cannot be read: {reason}.", where=str(path)) from None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits, read in blocks of 1 MiB."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process alone; the lock goes with the process, however it ends.

    Raises:
        LeukoscopeError: another process holds the folder, or it is a file.
    """
    make_folder(folder)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise LeukoscopeError(
            "Another process is working in this folder.", where=str(folder), do="Wait for it, or name another --out."
        ) from None


def make_folder(folder: Path) -> None:
    """Make a folder with all above it; one that is there is no error.

    Raises:
        LeukoscopeError: what it, or one above it, should be is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
        raise LeukoscopeError(
            "A folder is needed here, and this is a file.", where=str(file), do="Name another --out."
        ) from None


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; one that is not there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
