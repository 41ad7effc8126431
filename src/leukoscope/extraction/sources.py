"""Which fields are searched: those of a folder, single pictures, or a cohort's; all become one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import list_files
from leukoscope.cohort.readers.names import names_of, path_texts, without_formulas
from leukoscope.errors import DataError, SettingsError

Source = Path | str | Sequence[Path | str] | Cohort


@dataclass(frozen=True)
class Fields:
    """Fields to search.

    Args:
        table: One row a field, all text: ``field`` (its name), ``path``, ``patient`` (null where unknown), ``problem``
            (why it is not even tried; else null).
        root: What the paths are relative to.
        notes: What was passed over, a sentence each.
    """

    table: pl.DataFrame
    root: Path
    notes: tuple[str, ...] = ()

    def file(self, path: str) -> Path:
        """Return the full path of a value of the ``path`` column."""
        return self.root / path


def fields_of(source: Source, *, by_folder: bool = False) -> Fields:
    """Return the fields of a source.

    A field's name is its path without the ending, as of ``names_of``, within the folder for a folder, the file's name
    alone for single pictures; a cohort's are its ids.

    Args:
        source: A cohort, the path of a folder (searched with all that lies in it) or of a picture, or several pictures.
        by_folder: Whether each folder within the folder is a patient.

    Raises:
        DataError: there is nothing at a path, no picture in the folder, or two pictures of one name.
        SettingsError: ``by_folder`` for anything but a folder.
    """
    paths = [Path(source)] if isinstance(source, str | Path) else source
    if not isinstance(paths, Cohort) and len(paths) == 1 and Path(paths[0]).is_dir():
        return _of_folder(Path(paths[0]), by_folder=by_folder)
    if by_folder:
        raise SettingsError("Patients can only be told by their folders where a folder of fields is searched.")
    return _of_cohort(paths) if isinstance(paths, Cohort) else _of_files([Path(path) for path in paths])


def _of_cohort(cohort: Cohort) -> Fields:
    table = cohort.cells.select(field="id", path="path", patient="patient", problem="excluded")
    if not table.height:
        raise DataError("The cohort has no picture.", where=str(cohort.root))
    return Fields(table.with_columns(without_formulas(table["path"])), cohort.root)


def _of_folder(folder: Path, *, by_folder: bool) -> Fields:
    listing = list_files(folder)
    found = listing.require_pictures()
    above = found["path"].str.extract(r"^([^/]+)/") if by_folder else pl.Series("patient", [None] * found.height)
    return Fields(_rows(found["path"], above, found["excluded"]), folder, listing.left_out())


def _of_files(paths: list[Path]) -> Fields:
    for path in paths:
        if not path.is_file():
            raise DataError("There is no such picture.", where=str(path), do="Name pictures, or one folder.")
    names, notes = path_texts(paths)
    nothing = pl.Series("nothing", [None] * len(names), dtype=pl.String)
    stems = pl.Series("field", [Path(name).stem for name in names])
    named = _rows(names, nothing, nothing).with_columns(without_formulas(stems))
    twice = named.filter(pl.col("field").is_duplicated())
    if twice.height:
        raise DataError(
            "Two pictures have one name.", where=twice["path"][1], do="Name the folder that they lie in instead."
        )
    return Fields(named, Path(), notes)


def _rows(paths: pl.Series, patients: pl.Series, problems: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "field": names_of(paths),
            "path": without_formulas(paths),
            "patient": patients.cast(pl.String),
            "problem": problems.cast(pl.String),
        }
    )
