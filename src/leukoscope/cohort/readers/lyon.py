"""Lyon: lymphocytes of patients with reactive or tumoral lymphocytosis; the patient carries the label, not the cell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.lyon_facts import read_facts
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted

CLASSES = Classes(("reactive", "tumoral"), ("reactive lymphocytosis", "tumoral lymphocytosis"), "tumoral")
TABLE = "clinical_annotation.csv"
PARTS = ("trainset", "testset")
PLACED = r"/(trainset|testset)/([^/]+)$"
REFERENCE = "2021-01-01"

DESCRIPTION = Description(
    title="Lyon lymphocytosis: lymphocytes at 224 x 224 px, bags by patient, reactive or tumoral",
    contents=(
        "205 patients with age, sex and lymphocyte count (10^9/L); labels of the trainset only, one a patient. Cells "
        "carry no label."
    ),
    layout="clinical_annotation.csv (ID, LABEL, GENDER, DOB, LYMPH_COUNT), trainset/P1/*.jpg, testset/P2/*.jpg.",
    sources=(
        (
            "Sahasrabudhe M, Sujobert P, Zacharaki EI, Maurin E, Grange B, Jallades L, Paragios N, Vakalopoulou M. "
            "Deep multi-instance learning using multi-modal data for diagnosis of lymphocytosis. IEEE J Biomed Health "
            "Inform 25(6):2125-2136, 2021."
        ),
        "Grisi, Schmidt-Mengin. Report on the challenge 3MD3070 (DLMI), leaderboard accuracy 0.96623.",
    ),
    classes=CLASSES,
    official={"train": ("trainset",), "test": ("testset",)},
    crop=112,
    background="light",
    contradictions=(
        "The reports say 204 patients, and divide them 142 + 42, which is 184; the table has 205.",
        "Two formats of dates, m/d/YYYY and dd-mm-YYYY: read month first, 12 of 29 in the second are silently wrong.",
        (
            "Patients were included above 4 x 10^9 lymphocytes/L; two of the counts are below the stated limit of 4 "
            "(P116: 3.94, P62: 2.28)."
        ),
        "No date of sampling is given: an age needs a stated reference; others subtract the year of birth from 2021.",
        "One sex is written in lower case (P165).",
        "The label is told by number of pictures (AUC 0.80), row (0.77), date format (0.61), age (0.80), count (0.91).",
    ),
    links=(
        "Same-sex pairs of patients share a date of birth (four in the whole set; P118 and P137 across labels): a "
        "person sampled twice, or chance. P190 has 17 pairs of pictures of one cell."
    ),
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds ``clinical_annotation.csv`` or patients' folders P1, P2, ... in trainset or testset."""
    if TABLE in listing.others["name"]:
        return True
    patient = _placed(listing)["patient"]
    return bool(patient.str.contains(r"^P\d+$").any())


def read(path: Path, *, reference: str | dt.date = REFERENCE) -> Cohort:
    """Read the Lyon data from the folder of ``clinical_annotation.csv``, one above it, or trainset or testset alone.

    Args:
        path: The folder.
        reference: The day on which ages are stated, ``YYYY-MM-DD``; the data set gives no date of sampling.

    Returns:
        Cells without labels: ``id`` (``P1/000002``), ``place`` (``trainset``, ``testset``). Patients with ``label``
        (null where the data set says -1), ``age`` (float64, years on the reference date, to two decimals), ``sex``
        (``F``, ``M``), ``sex_as_written`` (text), ``lymphocyte_count`` (float64, 10^9/L), ``born`` (date),
        ``born_format`` (how the date was written) and ``row`` (int64, the row in the csv, whose header is row 1).
        Facts that cannot be read are null.

    Raises:
        DataError: no such folder, no csv, no patients' folders, a column missing, a patient on two rows.
        SettingsError: the reference is no date.
    """
    day = _day(reference)
    listing = list_files(path)
    table = _table(listing)
    pictures = _placed(listing)
    if pictures["place"].null_count() == pictures.height:
        raise DataError(
            "This folder is not in the Lyon layout: no pictures in trainset/P1, testset/P2 or the like.",
            where=str(path),
            do="Check the path.",
        )
    facts = read_facts(table, day)
    cells = set_repeats_apart(_cells(pictures)).select("id", "path", "patient", "source", "place", "excluded")
    known = facts.table
    if path.resolve().name in PARTS:  # one part was asked for; the patients of the other are not missing
        known = known.filter(pl.col("patient").is_in(cells["patient"].drop_nulls().implode()))
    used = table.relative_to(path).as_posix() if table.is_relative_to(path) else ""
    notes = (*facts.notes, *_patient_notes(cells, known, table.name), *listing.left_out(used))
    return Cohort("lyon", path, cells, known, CLASSES, notes)


def _day(reference: str | dt.date) -> dt.date:
    try:
        return reference if isinstance(reference, dt.date) else dt.date.fromisoformat(reference)
    except (TypeError, ValueError):
        raise SettingsError(
            f"The option reference must be a date; got {reference!r}.", do=f"Write it as {REFERENCE}."
        ) from None


def _table(listing: Listing) -> Path:
    """Return the csv nearest to the root; beside it where the root is trainset or testset."""
    found: list[str] = listing.others.filter(pl.col("name") == TABLE)["path"].to_list()
    beside = listing.root.resolve().parent / TABLE
    if found:
        return listing.root / min(found, key=lambda name: (name.count("/"), name))
    if listing.root.resolve().name in PARTS and beside.is_file():
        return beside
    raise DataError(
        f"{TABLE} is missing: it says which patient is reactive, which tumoral.",
        where=str(listing.root),
        do="Put it beside trainset and testset.",
    )


def _placed(listing: Listing) -> pl.DataFrame:
    root = listing.root.resolve()
    where = (pl.lit(f"/{root.parent.name}/{root.name}/") + pl.col("folder")).str.strip_chars_end("/")
    return listing.pictures.with_columns(place=where.str.extract(PLACED, 1), patient=where.str.extract(PLACED, 2))


def _cells(pictures: pl.DataFrame) -> pl.DataFrame:
    placed = pl.col("patient").is_not_null()
    return pictures.with_columns(
        id=pl.when(placed).then(pl.concat_str("patient", pl.lit("/"), "stem")).otherwise("path"),
        source=pl.lit("lyon"),
        excluded=pl.coalesce("excluded", pl.when(~placed).then(pl.lit("in no patient's folder"))),
    )


def _patient_notes(cells: pl.DataFrame, facts: pl.DataFrame, name: str) -> list[str]:
    seen = cells.filter(pl.col("excluded").is_null())["patient"].unique().sort()
    unseen = facts.filter(~pl.col("patient").is_in(seen.implode()))["patient"].to_list()
    strangers = seen.filter(~seen.is_in(facts["patient"].implode())).to_list()
    placed = cells.filter(pl.col("patient").is_not_null()).group_by("patient").agg(pl.col("place").n_unique())
    twice = placed.filter(pl.col("place") > 1)["patient"].sort().to_list()
    notes = []
    if twice:
        who = counted(len(twice), "patient")
        notes.append(f"With pictures in trainset and in testset, taken as one patient each: {who} ({listed(twice)}).")
    if unseen:
        notes.append(f"In {name} but without pictures: {counted(len(unseen), 'patient')} ({listed(unseen)}).")
    if strangers:
        notes.append(f"Not in {name}, so of unknown label: {counted(len(strangers), 'patient')} ({listed(strangers)}).")
    return notes


READER = Reader(
    "lyon",
    read,
    recognises,
    DESCRIPTION,
    (
        Option(
            "reference", "The day on which ages are stated, YYYY-MM-DD; no date of sampling is published.", REFERENCE
        ),
    ),
)
