"""What can be predicted: pictures, folders, patterns, archives, tables, cohorts; all become one table of requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import list_files
from leukoscope.cohort.readers.names import names_of, path_texts, without_formulas
from leukoscope.cohort.readers.npz import parted
from leukoscope.errors import DataError
from leukoscope.files import TABLE_ENDINGS
from leukoscope.inference.patterns import is_pattern, matched
from leukoscope.inference.picture_tables import read_picture_table
from leukoscope.pictures.zip_archive import ENDING as ZIP
from leukoscope.pictures.zip_archive import ZipArchive, list_zip

Source = Path | str | Sequence[Path | str] | Cohort


@dataclass(frozen=True)
class Pictures:
    """Pictures to predict.

    Args:
        table: One row a picture, all text: ``id``, ``path``, ``patient``, ``label`` (the true class; null where
            unknown or not among the model's classes), ``problem`` (why it is not even tried; else null).
        root: What the paths are relative to.
        notes: What was passed over, a sentence each.
        sets: The data sets that they are of, by the names of our readers; empty where that is not known.
        archive: The zip archive that they lie in, so that paths are only names; None where they are files.
    """

    table: pl.DataFrame
    root: Path
    notes: tuple[str, ...] = ()
    sets: frozenset[str] = frozenset()
    archive: ZipArchive | None = None


def pictures_of(source: Source, classes: Classes) -> Pictures:
    """Return the pictures of a source.

    A picture's id is its path without the ending, as of ``names_of``: within the folder for a folder, from the first
    wildcard on for a pattern, the file's name alone for a single picture. A cohort has ids of its own, a table may
    have; a cohort's excluded cells are listed with the reason.

    Args:
        source: A cohort; the path of a folder (searched with all that lies in it), of a zip archive (read where it
            lies), of a table of pictures (csv, parquet) or of a picture; a pattern (``cells/*.png``); or several paths.
        classes: The model's classes.

    Raises:
        DataError: there is nothing at the path, no picture in the folder, archive or list, or the archive or table is
            not what it must be.
    """
    if isinstance(source, Cohort):
        return _of_cohort(source, classes)
    if isinstance(source, str | Path):
        return _of_path(Path(source), classes)
    return _of_files([Path(path) for path in source])


def _of_path(path: Path, classes: Classes) -> Pictures:
    if path.is_dir():
        return _of_folder(path)
    if is_pattern(path):
        root, names, notes = matched(path)
        nothing = pl.Series("problem", [None] * len(names), dtype=pl.String)
        return Pictures(_rows(pl.Series("path", names), problem=nothing), root, notes)
    if path.suffix.lower() == ZIP and path.is_file():
        return _of_zip(list_zip(path))
    if path.suffix.lower() in TABLE_ENDINGS and path.is_file():
        return _of_table(path, classes)
    return _of_files([_existing(path)])


def sets_of(cohort: Cohort) -> frozenset[str]:
    """Return the data sets that a cohort's cells are of: its reader's, and those that were merged into it."""
    return frozenset({cohort.reader, *cohort.cells["source"].drop_nulls().unique()} - {None})


def _of_cohort(cohort: Cohort, classes: Classes) -> Pictures:
    known = pl.col("label").is_in(list(classes.names))
    table = cohort.cells.select(
        "id", "path", "patient", pl.when(known).then("label").alias("label"), problem="excluded"
    )
    if not table.height:
        raise DataError("The cohort has no cell.", where=str(cohort.root))
    return Pictures(table, cohort.root, sets=sets_of(cohort))


def _of_folder(folder: Path) -> Pictures:
    listing = list_files(folder)
    found = listing.require_pictures()
    return Pictures(_rows(found["path"], problem=found["excluded"]), folder, listing.left_out())


def _of_zip(archive: ZipArchive) -> Pictures:
    archive.listing.require_pictures("archive")
    found = archive.pictures
    rows = _rows(found["path"], problem=found["excluded"])
    return Pictures(rows, archive.path, archive.listing.left_out(), archive=archive)


def _of_table(path: Path, classes: Classes) -> Pictures:
    table = read_picture_table(path)
    known = pl.col("label").is_in(list(classes.names))
    rows = table.select("id", "path", "patient", pl.when(known).then("label").alias("label"), "problem")
    return Pictures(rows, path.parent)


def _of_files(paths: list[Path]) -> Pictures:
    names, notes = path_texts(paths)
    rows = _rows(names, problem=pl.Series("problem", [None] * len(names), dtype=pl.String))
    if len(paths) == 1:
        rows = rows.with_columns(without_formulas(pl.Series("id", [paths[0].stem])))
    if rows["id"].is_duplicated().any():
        twice = rows.filter(pl.col("id").is_duplicated())["path"]
        raise DataError("A picture is listed twice.", where=str(twice[0]), more=twice.n_unique() - 1)
    return Pictures(rows, Path(), notes)


def _existing(path: Path) -> Path:
    if not path.exists() and parted(path) is None:
        raise DataError("There is nothing at this path.", where=str(path), do="Check the path.")
    return path


def _rows(paths: pl.Series, *, problem: pl.Series) -> pl.DataFrame:
    table = pl.DataFrame({"id": names_of(paths), "path": paths, "problem": problem})
    nothing = pl.lit(None, dtype=pl.String)
    return table.select("id", "path", nothing.alias("patient"), nothing.alias("label"), "problem")
