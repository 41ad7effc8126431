"""Readers: one file for each layout that a data set comes in, and the verb that picks the right one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import cnmc, drawn, folder, lyon, pbc, table
from leukoscope.cohort.readers.listing import list_files
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.files import TABLE_ENDINGS

__all__ = ["READERS", "Description", "Option", "Reader", "read_cohort", "recognise"]

READERS: dict[str, Reader] = {
    "cnmc": cnmc.READER,
    "lyon": lyon.READER,
    "pbc": pbc.READER,
    "drawn": drawn.READER,
    "folder": folder.READER,
    "table": table.READER,
}
GENERAL = ("folder", "table")  # taken only where no data set's own layout is met


def read_cohort(path: str | Path, reader: str | None = None, **options: object) -> Cohort:
    """Read a data set as it was published, or any folder or table of pictures.

    No picture is opened: the cohort says what there is, and the pictures are read later, once.

    Args:
        path: A folder, or a csv or parquet table.
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
          what to do: Did you mean 'cnmc'? Known: cnmc, ...
    """
    place = Path(path).expanduser()
    chosen = recognise(place) if reader is None else _named(reader)
    known = [option.name for option in chosen.options]
    for name in options:
        if name not in known:
            raise SettingsError(f"The reader {chosen.name!r} has no option {name!r}.", do=nearest(name, known))
    cohort = replace(chosen.read(place, **options), reader=chosen.name)
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
        if path.suffix.lower() in TABLE_ENDINGS:
            return READERS["table"]
        raise DataError(
            "This is a single file; a cohort is read from a folder, or from a csv or parquet table.",
            where=str(path),
            do="Name the folder that it lies in.",
        )
    listing = list_files(path)
    if not listing.pictures.height:
        raise DataError("There are no pictures in this folder.", where=str(path), do="Check the path.")
    fitting = [reader for name, reader in READERS.items() if name not in GENERAL and reader.recognises(listing)]
    if len(fitting) > 1:
        names = ", ".join(reader.name for reader in fitting)
        raise DataError(
            f"This folder holds more than one data set: {names}.",
            where=str(path),
            do="Name the folder of one, or the reader.",
        )
    if fitting or READERS["folder"].recognises(listing):
        return fitting[0] if fitting else READERS["folder"]
    tables = [name for name in listing.others["path"] if name.lower().endswith(TABLE_ENDINGS)]
    hint = f" If {tables[0]} lists the pictures, read it with the reader 'table'." if tables else ""
    raise DataError(
        "No reader recognises the layout of this folder.",
        where=str(path),
        do=f"Name a reader: {', '.join(sorted(READERS))}.{hint}",
    )


def _named(name: str) -> Reader:
    if name not in READERS:
        raise SettingsError(f"There is no reader {name!r}.", do=nearest(name, READERS))
    return READERS[name]
