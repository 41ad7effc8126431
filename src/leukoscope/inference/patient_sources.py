"""Whom to diagnose: the patients of a cohort, or a folder with one folder a patient; their pictures and their facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.of_patients import of_patients
from leukoscope.cohort.readers.listing import IGNORED_FOLDERS, Listing, is_text, list_files, require_folder
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.facts.circumstances import PICTURES
from leukoscope.files import TABLE_ENDINGS
from leukoscope.inference.fact_tables import Facts, read_fact_table
from leukoscope.inference.picture_tables import facts_in_table, read_picture_table
from leukoscope.inference.sources import Source, sets_of
from leukoscope.pictures.zip_archive import ENDING as ZIP
from leukoscope.pictures.zip_archive import ZipArchive, list_zip

NO_PATIENT = "Left out, in no patient's folder"
NAME = "Name the folder that holds the patients' folders; a data set is read with its --reader."
PACK = "Pack the patients' folders themselves, or the folder that holds them under its own name (data/ in data.zip)."


@dataclass(frozen=True)
class Patients:
    """Patients to diagnose.

    Args:
        table: One row a patient: ``patient`` (unique text), ``label`` (text, the true class; null where unknown or
            not among the model's classes), and the facts under their names.
        pictures: One row a picture, in no order of the patients: ``patient``, ``path``, ``problem`` (why it is not
            even tried; else null); all text.
        root: What the paths are relative to.
        notes: What was passed over, a sentence each.
        sets: As of ``Pictures``.
        archive: As of ``Pictures``.
    """

    table: pl.DataFrame
    pictures: pl.DataFrame
    root: Path
    notes: tuple[str, ...] = ()
    sets: frozenset[str] = frozenset()
    archive: ZipArchive | None = None


def patients_of(source: Source, classes: Classes, *, facts: Facts = None, inputs: Iterable[str] = ()) -> Patients:
    """Return the patients of a source.

    Every patient is listed, also one without a picture: all of a cohort's patients' table, all folders of a folder. A
    folder that holds pictures but no folder is one patient. A zip archive is as the folder of its name: a folder in it
    that holds all else is passed through where it has that name, or where patients of the facts are below it. A table
    of facts takes the place of a cohort's own, and of those that stand beside the pictures.

    Args:
        source: A cohort; the path of a folder, or zip archive, with one folder a patient, named as the patient; or of
            a table of pictures (csv, parquet) with the columns ``path`` and ``patient``, and perhaps the facts.
        classes: The model's classes.
        facts: A table with the column ``patient`` and the facts, or its path; None for a cohort's own, or none.
        inputs: The facts that the model takes.

    Raises:
        DataError: there is no such folder, it holds no patient, pictures lie deeper than in the patients' folders; the
            facts name the folder itself as a patient, and none in it; the table of facts is damaged, or has a patient
            on two rows; a fact has no column.
        SettingsError: the source is neither.
    """
    wanted = tuple(inputs)
    stated = None if facts is None else read_fact_table(facts, wanted)
    if isinstance(source, Cohort):
        found = _of_cohort(source)
    elif isinstance(source, str | Path):
        named = frozenset[str]() if stated is None else frozenset(stated["patient"])
        found = _of_path(Path(source), facts, wanted, named)
    else:
        raise SettingsError(
            "Patients are diagnosed from a cohort, or from a folder with one folder a patient.",
            do="Name the folder, or read a cohort.",
        )
    if stated is not None:
        found = _with_facts(found, stated)
    known = pl.col("label").is_in(list(classes.names))
    table = _with_counts(found).with_columns(pl.when(known).then("label").alias("label"))
    _refuse_missing(table, wanted, given=facts is not None or isinstance(source, Cohort))
    return replace(found, table=table)


def _of_cohort(cohort: Cohort) -> Patients:
    seen = of_patients(cohort)
    nameless = seen.cells.filter(pl.col("patient").is_null())["path"]
    if not seen.patients.height:
        raise DataError("The cohort names no patient.", where=str(cohort.root))
    notes = (f"Left out, naming no patient: {counted(len(nameless), 'picture')} ({listed(nameless)}).",)
    cells = seen.cells.filter(pl.col("patient").is_not_null()).sort("patient", "id")
    pictures = cells.select("patient", "path", problem="excluded")
    return Patients(seen.patients, pictures, cohort.root, notes if len(nameless) else (), sets_of(cohort))


def _of_path(path: Path, facts: Facts, inputs: tuple[str, ...], named: frozenset[str]) -> Patients:
    if path.suffix.lower() == ZIP and path.is_file():
        return _of_zip(list_zip(path), named)
    if path.suffix.lower() in TABLE_ENDINGS and path.is_file():
        return _of_table(path, inputs)
    return _of_folder(path, facts, named)


def _of_zip(archive: ZipArchive, named: frozenset[str]) -> Patients:
    folders = _unwrapped(archive.pictures["folder"], archive.path.stem, named)
    pictures = archive.pictures.with_columns(folders.alias("folder"))
    _refuse_deeper(pictures, archive.path, do=PACK)
    names = sorted(set(folders) - {""})
    listing = replace(archive.listing, root=archive.path.with_suffix(""))
    found = _of_listing(listing, names, pictures, listing.left_out(), named)
    return replace(found, root=archive.path, archive=archive)


def _unwrapped(folders: pl.Series, archive: str, named: frozenset[str]) -> pl.Series:
    """Return an archive's folders within those that only wrap them all: of any other it may be a patient's slides."""
    while len(folders) and folders.str.contains("/").any():
        tops, below = folders.str.extract(r"^([^/]*)").unique(), folders.str.extract(r"^[^/]*/(.*)$").fill_null("")
        wraps = tops[0] in {".", "..", archive} or not named.isdisjoint(below.str.split("/").explode())
        if len(tops) > 1 or tops[0] in named or not wraps:
            break
        folders = below
    return folders


def _of_table(path: Path, inputs: tuple[str, ...]) -> Patients:
    table = read_picture_table(path)
    people = facts_in_table(table, inputs, path)
    nameless = table.filter(pl.col("patient").is_null())["path"]
    notes = (f"Left out, naming no patient: {counted(len(nameless), 'picture')} ({listed(nameless)}).",)
    pictures = table.filter(pl.col("patient").is_not_null()).select("patient", "path", "problem")
    return Patients(people, pictures, path.parent, notes if len(nameless) else ())


def _of_folder(folder: Path, facts: Facts, named: frozenset[str]) -> Patients:
    names = _folders(require_folder(folder))
    listing = list_files(folder)
    pictures = listing.pictures
    _refuse_deeper(pictures, folder)
    return _of_listing(listing, names, pictures, listing.left_out(*_beside(folder, facts)), named)


def _refuse_deeper(pictures: pl.DataFrame, root: Path, do: str = NAME) -> None:
    deeper = pictures.filter(pl.col("folder").str.contains("/"))["path"]
    if len(deeper):
        raise DataError(
            "A picture lies deeper than in its patient's folder.",
            where=str(root / deeper[0]),
            more=len(deeper) - 1,
            do=do,
        )


def _beside(folder: Path, facts: Facts) -> tuple[str, ...]:
    """Return the path of the table of facts within the folder, where it lies there."""
    if not isinstance(facts, str | Path):
        return ()
    table, root = Path(facts).resolve(), folder.resolve()
    return (table.relative_to(root).as_posix(),) if table.is_relative_to(root) else ()


def _of_listing(
    listing: Listing, names: list[str], pictures: pl.DataFrame, notes: tuple[str, ...], named: frozenset[str]
) -> Patients:
    own = listing.root.resolve().name
    if names and own in named and named.isdisjoint(names):
        raise DataError(
            "The facts name this folder as a patient, and none of the folders in it.",
            where=str(listing.root),
            do="Put all pictures of a patient into one folder, and name the folder that holds those of all patients.",
        )
    if not names and pictures.height:
        _refuse_name(listing.root)
        names, pictures = [own], pictures.with_columns(folder=pl.lit(own))
    strays = pictures.filter(pl.col("folder") == "")["path"]
    if len(strays):
        notes = (*notes, f"{NO_PATIENT}: {counted(len(strays), 'picture')} ({listed(strays)}).")
    if not names:
        raise DataError(
            "This folder holds neither patients' folders nor pictures.", where=str(listing.root), do="Check the path."
        )
    table = pl.DataFrame({"patient": names}).with_columns(label=pl.lit(None, pl.String))
    rows = pictures.filter(pl.col("folder") != "").select(patient="folder", path="path", problem="excluded")
    return Patients(table, rows, listing.root, notes)


def _folders(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, also of those in which nothing lies."""
    found = [path.name for path in folder.iterdir() if path.is_dir()]
    shown = (name for name in found if not name.startswith(".") and name not in IGNORED_FOLDERS)
    return sorted(name for name in shown if is_text(name))


def _refuse_name(folder: Path) -> None:
    if not is_text(folder.resolve().name):
        what = "No table can hold the patient's name: it is not UTF-8."
        raise DataError(what, where=str(folder), do="Rename the folder.")


def _with_facts(found: Patients, facts: pl.DataFrame) -> Patients:
    notes, known = found.notes, found.table["patient"]
    unknown = known.filter(~known.is_in(facts["patient"].implode()))
    unseen = facts["patient"].filter(~facts["patient"].is_in(known.implode()))
    if len(unknown):
        who = counted(len(unknown), "patient")
        notes = (*notes, f"Not in the table of facts, all facts missing: {who} ({listed(unknown)}).")
    if len(unseen):
        notes = (*notes, f"In the table of facts alone: {counted(len(unseen), 'patient')} ({listed(unseen)}).")
    own = found.table.select("patient", "label")
    table = own.join(facts, on="patient", how="left", maintain_order="left", suffix="_stated")
    if "label_stated" in table.columns:
        table = table.with_columns(label=pl.coalesce("label", "label_stated")).drop("label_stated")
    return replace(found, table=table, notes=notes)


def _with_counts(found: Patients) -> pl.DataFrame:
    """Return the patients with their number of pictures, which a model may have asked for by name."""
    if PICTURES in found.table.columns:
        return found.table
    usable = found.pictures.filter(pl.col("problem").is_null())
    numbers = usable.group_by("patient").agg(pl.len().cast(pl.Int64).alias(PICTURES))
    table = found.table.join(numbers, on="patient", how="left", maintain_order="left")
    return table.with_columns(pl.col(PICTURES).fill_null(0))


def _refuse_missing(table: pl.DataFrame, inputs: tuple[str, ...], *, given: bool) -> None:
    missing = [name for name in inputs if name not in table.columns]
    if missing:
        there = [name for name in table.columns if name not in ("patient", "label", PICTURES)]
        stands = f"; there are: {', '.join(there) or 'none'}" if given else ""
        raise DataError(
            f"The model takes facts of each patient that are not given: {', '.join(missing)}{stands}.",
            do="Give a table with the columns patient and these (--facts facts.csv); a field may be empty.",
        )
