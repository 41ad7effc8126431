"""Folders of pictures: a folder a class, a class and within it a folder a patient, or a folder a patient."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import options
from leukoscope.cohort.readers.folder_levels import Levels, find_levels, with_levels
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.patient_table import read_patients
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.cohort.readers.rows import mixed_note, mixed_patients, own_labels
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted

DESCRIPTION = Description(
    title="Any pictures in class folders, with or without folders of patients",
    contents="The folders' names are the classes; a folder of parts (train, test, fold_0, ...) may stand above them.",
    layout="class/*.png; class/patient/*.png; patient/class/*.png; or patient/*.png with a table of patients.",
)


def recognises(listing: Listing) -> bool:
    """Whether pictures lie in two or more folders at the top."""
    top = listing.pictures.filter(pl.col("excluded").is_null())["folder"].str.extract(r"^([^/]+)")
    return top.drop_nulls().n_unique() > 1


def read(
    path: Path,
    *,
    patients: object = None,
    patients_table: object = None,
    classes: object = None,
    positive: object = None,
) -> Cohort:
    """Read folders of pictures.

    Args:
        path: The folder of folders.
        patients: ``"none"``: only the class folders count. ``"folder"``: the folders within class folders are patients,
            or, where there are none within, the folders themselves are. Guessed where not given: folders within class
            folders are patients if every picture lies in one.
        patients_table: A csv or parquet table with ``patient`` and, where known, ``label`` and facts; needed for the
            labels where the folders themselves are patients.
        classes: The class names in order; the folders', sorted, where not given. Other folders are excluded.
        positive: The positive one of two classes.

    Returns:
        The cohort, named after the folder. The id is the path without its ending (with it, for a further file of the
        same name); ``place`` is the folder of parts where there is one. Cells in patients' folders carry no label.
        Patients carry the class of their folders if no patient has cells of two.

    Raises:
        DataError: no such folder, no pictures in folders, fewer than two classes, folders that can be read in two ways,
            or a damaged table.
        SettingsError: an option's value is wrong.
    """
    wanted = options.choice(patients, "patients", ("none", "folder"))
    order = options.names(classes, "classes")
    listing = list_files(path)
    pictures = with_levels(listing.pictures)
    levels = find_levels(pictures, wanted, order, path)
    cells = _cells(pictures, levels, order, path.resolve().name)
    table = None if patients_table is None else options.beside(patients_table, path, "patients_table")
    people = _people(cells, table, levels)
    found = pl.concat([cells["label"], people["label"]]).drop_nulls().unique()
    if levels.label is None and order is None and not found.len():
        raise SettingsError(
            "Folders of patients alone do not say what the classes are.",
            do="Name a table with the columns patient and label (option patients_table), or the option classes.",
        )
    made, notes = options.classes_of(found, order, positive, path)
    notes = [*levels.notes, *notes, *_notes(cells, people, table)]
    notes += mixed_note(mixed_patients(cells)) if made.binary else []
    used = () if table is None or not table.is_relative_to(path) else (table.relative_to(path).as_posix(),)
    kept = cells.select("id", "path", "label", "patient", "source", "place", "excluded")
    return Cohort(path.resolve().name, path, kept, people, made, (*notes, *listing.left_out(*used)))


def _cells(pictures: pl.DataFrame, levels: Levels, order: tuple[str, ...] | None, name: str) -> pl.DataFrame:
    label = pl.lit(None, pl.String) if levels.label is None else pl.col(levels.label)
    patient = pl.lit(None, pl.String) if levels.patient is None else pl.col(levels.patient)
    reasons = [pl.when(pl.col("outer").is_null()).then(pl.lit("in no folder of a class or a patient"))]
    if levels.label is not None:
        reasons.append(pl.when(label.is_null()).then(pl.lit("in no class folder")))
    if levels.patient is not None:
        reasons.append(pl.when(patient.is_null()).then(pl.lit("in no patient's folder")))
    if order is not None and levels.label is not None:
        stranger = pl.concat_str(pl.lit("its folder "), label, pl.lit(" is none of the classes"))
        reasons.append(pl.when(~label.is_in(order)).then(stranger))
    plain = pl.when(pl.col("folder") == "").then("stem").otherwise(pl.concat_str("folder", pl.lit("/"), "stem"))
    cells = pictures.with_columns(
        plain=plain, patient=patient, source=pl.lit(name), excluded=pl.coalesce("excluded", *reasons)
    )
    return cells.with_columns(
        id=pl.when(pl.col("plain").is_first_distinct()).then("plain").otherwise("path"),
        label=pl.when(pl.col("excluded").is_null()).then(label),
    )


def _people(cells: pl.DataFrame, table: Path | None, levels: Levels) -> pl.DataFrame:
    """Return the patients with the labels of the table, or of their folders if no patient stands in two classes."""
    if table is None:
        own = own_labels(cells)
        mixed = bool(mixed_patients(cells))
        return own.with_columns(label=pl.lit(None, pl.String)) if mixed else own
    if levels.patient is None:
        raise DataError(
            "A table of patients was given, but no folder is a patient's.",
            where=str(table),
            do="Say patients='folder', or leave the table out.",
        )
    return read_patients(table, {})


def _notes(cells: pl.DataFrame, people: pl.DataFrame, table: Path | None) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    twice = usable.filter(pl.col("id") != pl.col("plain"))["path"]
    notes = []
    if twice.len():
        found = listed(twice)
        notes.append(f"Of the same name as another but for the ending: {counted(twice.len(), 'picture')} ({found}).")
    strangers = usable["patient"].drop_nulls().unique().sort()
    strangers = strangers.filter(~strangers.is_in(people["patient"].implode()))
    if table is not None and strangers.len():
        notes.append(f"Not in {table.name}: {counted(strangers.len(), 'patient')} ({listed(strangers)}).")
    return notes


READER = Reader(
    "folder",
    read,
    recognises,
    DESCRIPTION,
    (
        Option("patients", "none: only class folders count; folder: the folders within them, or they, are patients."),
        Option("patients_table", "A table, one row a patient: patient, label, age, sex, lymphocyte_count, ..."),
        Option("classes", "The class names in order; the folders', sorted, where not given."),
        Option("positive", "The positive one of two classes."),
    ),
)
