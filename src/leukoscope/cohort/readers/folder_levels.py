"""Which folders are classes and which are patients: said by the options, or guessed and said in the notes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted, nearest

PARTS = r"(?i)^(?:train|training|trainset|val|valid|validation|test|testing|testset|fold[_ -]?\d+)$"
NUMBERED = r"^(.*?[^\d])\d+$"
MANY = 10

Level = Literal["outer", "inner"]


@dataclass(frozen=True)
class Levels:
    """What the two upper levels of folders are.

    Args:
        label: The level whose names are the classes; None where there is none.
        patient: The level whose names are the patients; None where there is none.
        notes: What was guessed.
    """

    label: Level | None
    patient: Level | None
    notes: tuple[str, ...] = ()


def with_levels(pictures: pl.DataFrame) -> pl.DataFrame:
    """Add ``place``, ``outer`` and ``inner``: the folder of parts, where all lie in such, and the two below it.

    Args:
        pictures: The listing's pictures, column ``folder``.

    Returns:
        The rows with the three text columns; null where a picture lies less deep.
    """
    parts = pl.col("folder").str.split("/")
    first, second, third = (parts.list.get(level, null_on_oob=True).replace("", None) for level in range(3))
    named = pictures.with_columns(first=first, second=second, third=third)
    tops = named["first"].drop_nulls().unique()
    in_parts = tops.len() > 0 and tops.str.contains(PARTS).all() and named["second"].drop_nulls().len() > 0
    if in_parts:
        return named.rename({"first": "place", "second": "outer", "third": "inner"})
    named = named.rename({"first": "outer", "second": "inner"})
    return named.with_columns(place=pl.lit(None, pl.String)).drop("third")


def find_levels(pictures: pl.DataFrame, patients: str | None, classes: tuple[str, ...] | None, root: Path) -> Levels:
    """Say which level is the classes and which the patients.

    Args:
        pictures: What ``with_levels`` returned.
        patients: ``"none"``, ``"folder"`` or None, the option.
        classes: The class names that were asked for, or None.
        root: The folder, for errors.

    Raises:
        DataError: no picture lies in a folder, or the folders can be read in two ways.
        SettingsError: no folder has the name of a class that was asked for.
    """
    usable = pictures.filter(pl.col("excluded").is_null())
    outer = usable["outer"].drop_nulls().unique().sort()
    inner = usable["inner"].drop_nulls().unique().sort()
    if not outer.len():
        raise DataError(
            "No pictures lie in folders, so nothing says their classes.",
            where=str(root),
            do="Put them into class folders, or list them in a table for the reader 'table'.",
        )
    whole = usable.filter(pl.col("outer").is_not_null())["inner"].null_count() == 0
    if classes is not None:
        return _by_names(outer, inner, patients, classes, whole=whole)
    if patients == "none":
        return Levels("outer", None)
    if patients == "folder" and not inner.len():
        return Levels(None, "outer")
    if not whole and patients is None:
        _refuse_patients_as_classes(outer, root)
        note = "Folders within the class folders were not taken as patients, since some pictures lie in none."
        return Levels("outer", None, (f"{note} (option patients)",) if inner.len() else ())
    _refuse_two_ways(usable, outer, inner, root)
    guessed = (f"Taken as patients: {counted(inner.len(), 'folder')} within the class folders (option patients).",)
    return Levels("outer", "inner", guessed if patients is None else ())


def _by_names(
    outer: pl.Series, inner: pl.Series, patients: str | None, classes: tuple[str, ...], *, whole: bool
) -> Levels:
    """Find the level that holds the names of the classes."""
    if outer.is_in(classes).any():
        deeper = inner.len() > 0 and (whole or patients == "folder")
        return Levels("outer", "inner" if deeper and patients != "none" else None)
    if inner.is_in(classes).any():
        return Levels("inner", None if patients == "none" else "outer")
    if patients == "folder":
        return Levels(None, "outer")
    found = listed(outer)
    raise SettingsError(
        f"No folder is named after a class that was asked for; there are: {found}.", do=nearest(classes[0], outer)
    )


def _refuse_patients_as_classes(outer: pl.Series, root: Path) -> None:
    """P1, P2, ... P90 are hardly ninety classes."""
    stems = outer.str.extract(NUMBERED)
    if outer.len() > MANY and stems.null_count() == 0 and stems.n_unique() == 1:
        raise DataError(
            f"These folders look like patients, not like {outer.len()} classes: {listed(outer)}.",
            where=str(root),
            do="Say patients='folder' and name a table of their labels (option patients_table), or patients='none' if "
            "they are classes.",
        )


def _refuse_two_ways(usable: pl.DataFrame, outer: pl.Series, inner: pl.Series, root: Path) -> None:
    """Few names that return in many folders look like classes within patients."""
    homes = usable.group_by("inner").agg(pl.col("outer").n_unique())
    returning = homes.filter(pl.col("inner").is_not_null())["outer"].min()
    if 1 < inner.len() < outer.len() and isinstance(returning, int) and returning > 1:
        raise DataError(
            f"The folders can be read in two ways: {listed(outer)} as classes with {listed(inner)} as patients, or the "
            "other way round.",
            where=str(root),
            do="Name the classes with the option classes.",
        )
