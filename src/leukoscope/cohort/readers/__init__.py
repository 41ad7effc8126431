"""Readers: one file for each layout that a data set comes in, and the verb that picks the right one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.hashes import noted, with_hashes
from leukoscope.cohort.readers import (
    all_idb,
    bccd,
    bloodmnist,
    cnmc,
    drawn,
    folder,
    lyon,
    matek,
    npz,
    pbc,
    saved,
    segmentation_wbc,
    table,
)
from leukoscope.cohort.readers.hash_tables import column_names, is_hash_table
from leukoscope.cohort.readers.listing import Listing, exists, list_files
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.files import TABLE_ENDINGS

__all__ = ["READERS", "Description", "Option", "Reader", "read_cohort", "recognise"]

READERS: dict[str, Reader] = {
    "cnmc": cnmc.READER,
    "lyon": lyon.READER,
    "pbc": pbc.READER,
    "matek": matek.READER,
    "bloodmnist": bloodmnist.READER,
    "all-idb": all_idb.READER,
    "segmentation_wbc": segmentation_wbc.READER,
    "bccd": bccd.READER,
    "drawn": drawn.READER,
    "folder": folder.READER,
    "table": table.READER,
    "saved": saved.READER,
}
GENERAL = ("folder", "table", "saved")  # taken only where no data set's own layout is met


def read_cohort(path: str | Path, reader: str | None = None, **options: object) -> Cohort:
    """Read a data set as it was published, or any folder or table of pictures.

    No picture is opened: the cohort says what there is, and the pictures are read later, once.

    Args:
        path: A folder, a csv or parquet table, a saved cohort, or a table of hashes (``path``, ``sha256``) of a data
            set whose pictures are not at hand.
        reader: A name from ``READERS``; recognised by the layout where not given, and said in the cohort's notes.
        **options: What the reader takes; ``READERS[name].options`` lists it.

    Returns:
        The cohort; rows that cannot be used stand in it with the reason in ``excluded``.

    Raises:
        SettingsError: no such reader, or an option that it does not take.
        DataError: nothing is at the path, nothing is in it, or it is not in the reader's layout.

    Example:
        >>> read_cohort("pictures", reader="cmnc")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        leukoscope.errors.SettingsError: There is no reader 'cmnc'.
          what to do: Did you mean 'cnmc'? Known: ...
    """
    place = Path(path).expanduser()
    chosen = recognise(place) if reader is None else _named(reader)
    known = [option.name for option in chosen.options]
    for name in options:
        if name not in known:
            raise SettingsError(f"The reader {chosen.name!r} has no option {name!r}.", do=nearest(name, known))
    cohort = chosen.read(place, **options)
    cohort = replace(cohort, reader=cohort.reader or chosen.name)
    if is_hash_table(place):
        cohort = noted(cohort) if chosen.needs == "table" else with_hashes(cohort, place)
    if reader is not None:
        return cohort
    guess = f"Read by the reader {chosen.name!r}, recognised by its layout."
    return replace(cohort, notes=(guess, *cohort.notes))


def recognise(path: Path) -> Reader:
    """Return the reader whose layout a folder or a table has.

    Raises:
        DataError: nothing is at the path, the folder is empty, the file is no table, or no reader fits.
    """
    if path.is_file():
        return _of_file(path)
    listing = list_files(path)
    if not listing.pictures.height and not bloodmnist.recognises(listing):
        raise DataError("There are no pictures in this folder.", where=str(path), do="Check the path.")
    fitting = _fitting(listing, path)
    if fitting is not None:
        return fitting
    tables = [name for name in listing.others["path"] if name.lower().endswith(TABLE_ENDINGS)]
    hint = f" If {tables[0]} lists the pictures, read it with the reader 'table'." if tables else ""
    raise DataError(
        "No reader recognises the layout of this folder.",
        where=str(path),
        do=f"Name a reader: {', '.join(sorted(READERS))}.{hint}",
    )


def _of_file(path: Path) -> Reader:
    if path.suffix.lower() == npz.ENDING:
        return _of_npz(path)
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise DataError(
            "This is a single file; a cohort is read from a folder, or from a csv or parquet table.",
            where=str(path),
            do="Name the folder that it lies in.",
        )
    if saved.is_saved(path):
        return READERS["saved"]
    if not is_hash_table(path) or "label" in column_names(path):
        return READERS["table"]
    listing = list_files(path)
    if exists(path.parent, listing.pictures["path"]).any():  # the pictures are there: a table as any other
        return READERS["table"]
    fitting = _fitting(listing, path)
    if fitting is None:
        raise DataError(
            "No reader recognises the paths in this table of hashes.",
            where=str(path),
            do=f"Add the columns label and patient, or name a reader: {', '.join(sorted(READERS))}.",
        )
    return fitting


def _of_npz(path: Path) -> Reader:
    if bloodmnist.is_named(path.name):
        return READERS["bloodmnist"]
    raise DataError(
        "This npz file does not have one of BloodMNIST's names (bloodmnist.npz, bloodmnist_64.npz, ...).",
        where=str(path),
        do="If it is BloodMNIST, name the reader: bloodmnist.",
    )


def _fitting(listing: Listing, path: Path) -> Reader | None:
    """Return the one reader that recognises a listing: a data set's own before ``folder``; None where none does."""
    fitting = [reader for name, reader in READERS.items() if name not in GENERAL and reader.recognises(listing)]
    if len(fitting) > 1:
        names = ", ".join(reader.name for reader in fitting)
        raise DataError(
            f"This folder holds more than one data set: {names}.",
            where=str(path),
            do="Name the folder of one, or the reader.",
        )
    if fitting:
        return fitting[0]
    return READERS["folder"] if READERS["folder"].recognises(listing) else None


def _named(name: str) -> Reader:
    if name not in READERS:
        raise SettingsError(f"There is no reader {name!r}.", do=nearest(name, READERS))
    return READERS[name]
