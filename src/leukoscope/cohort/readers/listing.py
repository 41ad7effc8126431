"""What lies in a folder: one table of file names, a million rows in seconds; no file is opened."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.cohort.readers.hash_tables import is_hash_table, read_hashes
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

LOSSLESS_ENDINGS = (
    ".bmp",
    ".dib",
    ".gif",
    ".j2k",
    ".jp2",
    ".pbm",
    ".pgm",
    ".png",
    ".pnm",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)
"""Endings of formats that can hold pixels unchanged; of a file named so nothing more is known before it is read."""
PICTURE_ENDINGS = (*LOSSLESS_ENDINGS, ".jfif", ".jpe", ".jpeg", ".jpg")
"""Every ending that the decoder knows (``pictures.recognition.SUFFIXES``, which a cohort must not import)."""
IGNORED_FOLDERS = ("__MACOSX",)


@dataclass(frozen=True)
class Listing:
    """The files beneath a folder.

    Args:
        root: The folder.
        files: One row a file, sorted by path: ``path`` (relative to the root, with ``/``), ``folder`` (of the file,
            relative; empty for the root), ``name``, ``stem`` (the name without its last ending), ``ending`` (in lower
            case with its dot; empty where there is none); all text.
        notes: What was passed over, a sentence each.
    """

    root: Path
    files: pl.DataFrame
    notes: tuple[str, ...] = field(default=())

    @property
    def pictures(self) -> pl.DataFrame:
        """The files with a picture's ending; hidden ones (``.DS_1.jpg``) have ``excluded`` set, others null."""
        hidden = pl.when(pl.col("name").str.starts_with(".")).then(
            pl.lit("a hidden file (its name begins with a dot), not a picture of the data set")
        )
        pictures = self.files.filter(pl.col("ending").is_in(list(PICTURE_ENDINGS)))
        return pictures.with_columns(hidden.cast(pl.String).alias("excluded"))

    def require_pictures(self, holder: str = "folder") -> pl.DataFrame:
        """Return ``pictures`` if there is one at least.

        Args:
            holder: What ``root`` is, for the message.

        Raises:
            DataError: there is none.
        """
        pictures = self.pictures
        if not pictures.height:
            raise DataError(
                f"This {holder} holds no picture, but {counted(self.files.height, 'other file')}.",
                where=str(self.root),
                do="Check the path; pictures end in .png, .jpg, .bmp, .tif or .webp.",
            )
        return pictures

    @property
    def others(self) -> pl.DataFrame:
        """The files without a picture's ending."""
        return self.files.filter(~pl.col("ending").is_in(list(PICTURE_ENDINGS)))

    def left_out(self, *used: str) -> tuple[str, ...]:
        """Return the notes: what was passed over, and which files are neither pictures nor among the ``used`` paths."""
        names = self.others.filter(~pl.col("path").is_in(used))["path"]
        if not names.len():
            return self.notes
        return (*self.notes, f"Left out, not being pictures: {counted(names.len(), 'file')} ({listed(names)}).")


def require_folder(path: Path) -> Path:
    """Return ``path`` if it is a folder.

    Raises:
        DataError: there is nothing at the path, or it is a file.
    """
    if path.is_dir():
        return path
    if path.exists():
        raise DataError(
            "A folder is needed here, and this is a file.", where=str(path), do="Name the folder that it lies in."
        )
    raise DataError("There is no such folder.", where=str(path), do="Check the path.")


def list_files(root: Path) -> Listing:
    """List every file beneath a folder, following links once each; or those that a table of hashes names.

    Hidden folders (``.git``) and ``__MACOSX`` are passed over, as are names that are no UTF-8; the notes say so.

    Args:
        root: The folder; or a csv or parquet table with the columns ``path`` and ``sha256``, whose pictures need not be
            there. Its other files are listed only if they lie beside it, since readers open them.

    Raises:
        DataError: there is no such folder, it cannot be read, or no file lies in it; or the table is damaged.
    """
    if is_hash_table(root):
        return _files_of_hashes(root)
    folders, counts, names, passed = _walk(require_folder(root))
    if not names:
        raise DataError("This folder is empty.", where=str(root), do="Check the path, or unpack the data set first.")
    notes = [f"Passed over: {counted(len(passed), 'folder')} ({listed(sorted(passed))})."] if passed else []
    folder = np.repeat(np.arange(len(folders)), counts)
    strange = [index for index, name in enumerate(names) if not is_text(name)] if not is_text("".join(names)) else []
    if strange:
        folder = np.delete(folder, strange)
        names, note = texts(names)
        notes += note
    table = pl.DataFrame({"folder": pl.Series(folders, dtype=pl.String).gather(folder), "name": names})
    return Listing(root, with_names(table), tuple(notes))


def _files_of_hashes(table: Path) -> Listing:
    """List the files that a table of hashes names, as if its own folder held them."""
    path = pl.col("path")
    above = path.str.extract(r"^(.*)/").fill_null("")
    below = path.str.strip_prefix(pl.concat_str(above, pl.lit("/")))
    files = with_names(read_hashes(table).select(folder=above, name=below))
    folders = files["folder"].unique()  # a few only, however many files
    hidden = folders.filter(folders.str.contains(r"(?:^|/)(?:\.[^./]|(?:" + "|".join(IGNORED_FOLDERS) + r")(?:/|$))"))
    kept = files.filter(~pl.col("folder").is_in(hidden.implode()))
    picture = kept["ending"].is_in(list(PICTURE_ENDINGS))
    there = picture | exists(table.parent, kept["path"])
    passed, absent = files.height - kept.height, kept.filter(~there)["path"]
    notes = [f"Passed over, in hidden folders: {counted(passed, 'file')}."] if passed else []
    if absent.len():
        named = f"{counted(absent.len(), 'file')} ({listed(absent)})"
        notes.append(f"Named in {table.name} but not at hand, so what they say is not known: {named}.")
    return Listing(table.parent, kept.filter(there), tuple(notes))


def with_names(table: pl.DataFrame) -> pl.DataFrame:
    """Add ``path``, ``stem`` and ``ending`` to the columns ``folder`` and ``name``, and sort by path."""
    path = pl.when(pl.col("folder") == "").then("name").otherwise(pl.concat_str("folder", pl.lit("/"), "name"))
    dotted = pl.col("name").str.extract(r"^(.+)\.[^.]*$")
    ending = pl.col("name").str.extract(r"^.+(\.[^.]*)$").str.to_lowercase().fill_null("")
    stem = dotted.fill_null(pl.col("name"))
    named = table.select(path.alias("path"), "folder", "name", stem.alias("stem"), ending.alias("ending"))
    return named.sort("path")


def texts(names: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return the names that can stand in a table, and the note on the others.

    Args:
        names: Of files, or their paths, as the file system has them.

    Returns:
        Those that are UTF-8, in their order; and a sentence that counts those that are not, where there are any.
    """
    kept = [name for name in names if is_text(name)]
    strange = len(names) - len(kept)
    return kept, (f"Left out, their names not being UTF-8: {counted(strange, 'file')}.",) if strange else ()


def is_text(name: str) -> bool:
    """Return whether a name from the file system is UTF-8 (Python marks other bytes with lone surrogates)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def exists(root: Path, paths: pl.Series) -> pl.Series:
    """Say for each path (relative to ``root``, or absolute) whether a file is there; each folder is read once.

    Args:
        root: The folder that relative paths start from.
        paths: Text, with ``/``; null where no path is known.

    Returns:
        Booleans of the same length, false for null.
    """
    parents = paths.str.extract(r"^(.*/)[^/]*$").fill_null("")
    found = {parent: _file_names(root / parent) for parent in parents.unique()}
    known = pl.DataFrame(
        {"parent": list(found), "name": list(found.values())},
        schema={"parent": pl.String(), "name": pl.List(pl.String())},
    )
    known = known.explode("name", empty_as_null=False, keep_nulls=False)
    return paths.is_in((known["parent"] + known["name"]).implode()).fill_null(value=False)


def _file_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if is_text(entry.name) and not entry.is_dir()]


def _walk(root: Path) -> tuple[list[str], list[int], list[str], list[str]]:
    """Return folders, the number of files in each, all file names in that order, and the folders passed over."""
    folders, counts, names, passed = list[str](), list[int](), list[str](), list[str]()
    waiting, seen = [""], set[str]()
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(root / folder)
        if real in seen:  # a link to a folder that was listed already, or to one above itself
            passed.append(folder)
            continue
        seen.add(real)
        below, files = _entries(root / folder)
        prefix = f"{folder}/" if folder else ""
        skipped = [name for name in below if name.startswith(".") or name in IGNORED_FOLDERS or not is_text(name)]
        passed += [prefix + name.encode(errors="backslashreplace").decode() for name in skipped]
        waiting += [prefix + name for name in sorted(set(below) - set(skipped), reverse=True)]
        folders.append(folder)
        counts.append(len(files))
        names += files
    return folders, counts, names, passed


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    below, files = list[str](), list[str]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                (below if entry.is_dir() else files).append(entry.name)
    except OSError as error:
        raise DataError(f"This folder cannot be read: {error.strerror}.", where=str(folder)) from None
    return below, files
