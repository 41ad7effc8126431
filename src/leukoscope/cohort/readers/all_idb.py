"""ALL-IDB: fields of blood smears (ALL_IDB1) and single cells cut from them (ALL_IDB2), leukaemia or not."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import PATIENT_COLUMNS, Cohort
from leukoscope.cohort.readers.all_idb_centroids import Centroids, read_centroids
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

FIELDS, CELLS = "ALL_IDB1", "ALL_IDB2"
CLASSES = Classes(("healthy", "all"), ("healthy", "acute lymphoblastic leukaemia (ALL)"), "all")
LABELS = {"0": "healthy", "1": "all"}
NAME = r"(?i)^Im\d+_(\d+)$"
ENDINGS = {".jpg": FIELDS, ".jpeg": FIELDS, ".tif": CELLS, ".tiff": CELLS}

DESCRIPTION = Description(
    title="ALL-IDB: fields of blood smears (ALL_IDB1) and single cells (ALL_IDB2), of leukaemia (ALL) or healthy",
    contents=(
        "ALL_IDB1: 108 fields, 49 of people with ALL and 59 of healthy ones, with the centroids of 510 lymphoblasts. "
        "ALL_IDB2: 260 cells of 257 x 257 px cut from those fields, 130 lymphoblasts and 130 others. No patients are "
        "named."
    ),
    layout=(
        "ALL_IDB1/im/Im001_1.jpg with ALL_IDB1/xyc/Im001_1.xyc (a line 'x y' a lymphoblast, in pixels), "
        "ALL_IDB2/img/Im001_1.tif; the name ends in 1 for ALL, in 0 for healthy. Either may be missing."
    ),
    sources=(
        (
            "Donida Labati R, Piuri V, Scotti F. ALL-IDB: the acute lymphoblastic leukemia image database for image "
            "processing. IEEE International Conference on Image Processing, 2011. doi:10.1109/ICIP.2011.6115881"
        ),
    ),
    classes=CLASSES,
    background="light",
    contradictions=(
        "In ALL_IDB1 the label says whose field it is, in ALL_IDB2 whether the cell in the middle is a lymphoblast.",
        (
            "The cells of ALL_IDB2 are cut from the fields of ALL_IDB1: to train on one and test on the other tests on "
            "cells that were seen."
        ),
        (
            "Said to be 2592 x 1944 px throughout, but Im001_1 to Im033_1, all of ALL, are reported as 1712 x 1368: "
            "size tells the class."
        ),
        (
            "Im108_0 of ALL_IDB1 is reported to be a copy of Im093_0, and 20 of the 260 cells of ALL_IDB2 to show a "
            "cell for the second time (15 ALL, 5 healthy)."
        ),
        "No patients are published: no split can promise that a patient's cells stay on one side.",
    ),
    links="the cells of ALL_IDB2 are cut from the fields of ALL_IDB1; patients are not known",
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds pictures named ``Im001_1.jpg`` or ``Im001_1.tif``."""
    pictures = _placed(listing)
    return bool(pictures.select((pl.col("code").is_in(list(LABELS)) & pl.col("place").is_not_null()).any()).item())


def read(path: Path) -> Cohort:
    """Read ALL_IDB1, ALL_IDB2 or both: from a folder above them, one of them, or their folder of pictures alone.

    Args:
        path: The folder.

    Returns:
        Cells (of ALL_IDB1: whole fields) with the id ``ALL_IDB1/Im001_1`` and ``place`` (``ALL_IDB1``, ``ALL_IDB2``);
        the label from the name. ``tables["centroids"]`` holds the lymphoblasts of the fields (``id``, ``x``, ``y``,
        float64, in pixels, as written). No patients.

    Raises:
        DataError: no such folder, no picture of ALL-IDB in it, or a file of centroids that is no text.
    """
    listing = list_files(path)
    pictures = _placed(listing)
    if pictures.filter(pl.col("code").is_not_null() & pl.col("place").is_not_null()).is_empty():
        raise DataError(
            "This folder is not in ALL-IDB's layout: no pictures im/Im001_1.jpg or img/Im001_1.tif.",
            where=str(path),
            do="Check the path.",
        )
    cells = set_repeats_apart(_cells(pictures))
    centroids = read_centroids(listing, cells.filter(pl.col("place") == FIELDS))
    notes = (*_notes(cells, centroids), *centroids.notes, *listing.left_out(*centroids.files))
    cells = cells.select("id", "path", "label", "source", "place", "excluded")
    tables = {"centroids": centroids.table}
    return Cohort("all-idb", path, cells, pl.DataFrame(schema=PATIENT_COLUMNS), CLASSES, notes, tables=tables)


def _placed(listing: Listing) -> pl.DataFrame:
    """Return the pictures with ``code`` (what their name says: 0 or 1) and ``place`` (by folder, else by ending)."""
    root = listing.root.resolve()
    where = (pl.lit(f"/{root.parent.name}/{root.name}/") + pl.col("folder")).str.strip_chars_end("/")
    set_number = where.str.extract(r"(?i)^.*/ALL[_-]IDB([12])(?:/|$)")
    folder = where.str.extract(r"([^/]+)$").str.to_lowercase()
    by_folder = folder.replace_strict({"im": FIELDS, "img": CELLS}, default=None, return_dtype=pl.String)
    by_ending = pl.col("ending").replace_strict(ENDINGS, default=None, return_dtype=pl.String)
    return listing.pictures.with_columns(
        code=pl.col("stem").str.extract(NAME),
        place=pl.coalesce(pl.lit("ALL_IDB") + set_number, by_folder, by_ending),
    )


def _cells(pictures: pl.DataFrame) -> pl.DataFrame:
    unnamed = pl.when(pl.col("code").is_null()).then(pl.lit("its name is not that of a picture of ALL-IDB (Im001_1)"))
    unplaced = pl.when(pl.col("place").is_null()).then(pl.lit("neither in im nor in img, and neither a jpg nor a tif"))
    wrong = pl.format("its name ends in {}, not in 0 or 1", "code")
    strange = pl.when(~pl.col("code").is_in(list(LABELS))).then(wrong)
    cells = pictures.with_columns(
        source=pl.lit("all-idb"), excluded=pl.coalesce("excluded", unnamed, unplaced, strange)
    )
    named = pl.col("code").is_not_null() & pl.col("place").is_not_null()
    label = pl.col("code").replace_strict(LABELS, default=None, return_dtype=pl.String)
    return cells.with_columns(
        id=pl.when(named).then(pl.concat_str("place", pl.lit("/"), "stem")).otherwise("path"),
        label=pl.when(pl.col("excluded").is_null()).then(label),
    )


def _notes(cells: pl.DataFrame, centroids: Centroids) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    marked = pl.col("id").is_in(centroids.table["id"].unique().implode())
    fields = usable.filter(pl.col("place") == FIELDS)
    without = fields.filter(~marked & (pl.col("label") == "all"))["id"]
    against = fields.filter(marked & (pl.col("label") == "healthy"))["id"]
    notes = []
    if usable["place"].n_unique() > 1:
        notes.append(
            f"Fields and cells cut from them are both here: no split may have {FIELDS} on one side and {CELLS} on the "
            "other. Name the folder of one."
        )
    if without.len():
        notes.append(f"Of ALL, but without centroids: {counted(without.len(), 'field')} ({listed(without)}).")
    if against.len():
        notes.append(f"Healthy, but with centroids: {counted(against.len(), 'field')} ({listed(against)}).")
    return notes


READER = Reader("all-idb", read, recognises, DESCRIPTION)
