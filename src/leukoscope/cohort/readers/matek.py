"""Matek: leukocytes of patients with acute myeloid leukaemia and of controls, fifteen classes, no patients named."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.known_groups import OF_FIFTEEN
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.matek_annotations import NAME as ANNOTATIONS
from leukoscope.cohort.readers.matek_annotations import read_annotations
from leukoscope.cohort.readers.present_classes import absent_note, present
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

CODES = {
    "BAS": "basophil",
    "EBO": "erythroblast",
    "EOS": "eosinophil",
    "KSC": "smudge cell",
    "LYA": "lymphocyte (atypical)",
    "LYT": "lymphocyte (typical)",
    "MMZ": "metamyelocyte",
    "MOB": "monoblast",
    "MON": "monocyte",
    "MYB": "myelocyte",
    "MYO": "myeloblast",
    "NGB": "neutrophil (band)",
    "NGS": "neutrophil (segmented)",
    "PMB": "promyelocyte (bilobed)",
    "PMO": "promyelocyte",
}
CLASSES = Classes(tuple(CODES), tuple(CODES.values()))
NAME = r"^([A-Za-z]{3})_\d+$"

DESCRIPTION = Description(
    title="Matek: leukocytes in acute myeloid leukaemia and in controls, 400 x 400 px, fifteen classes",
    contents=(
        "18,365 cells of 100 patients with AML and 100 controls, not named: NGS 8,484, LYT 3,937, MYO 3,268, MON "
        "1,789, EOS 424, NGB 109, BAS 79, EBO 78, PMO 70, MYB 42, MOB 26, PMB 18, MMZ 15, KSC 15, LYA 11. "
        "annotations.dat holds two re-annotations of a part of the cells; UNC where no class could be given."
    ),
    layout=(
        f"Class folders {', '.join(CODES)} with BAS_0001.tiff and so on; {ANNOTATIONS} beside them if at hand. "
        "Any class may be missing; the classes are then those that are there, if there are two."
    ),
    sources=(
        (
            "Matek C, Schwarz S, Marr C, Spiekermann K. A single-cell morphological dataset of leukocytes from AML "
            "patients and non-malignant controls (AML-Cytomorphology_LMU). The Cancer Imaging Archive, 2019. "
            "doi:10.7937/tcia.2019.36f5o9ld"
        ),
        (
            "Matek C, Schwarz S, Spiekermann K, Marr C. Human-level recognition of blast cells in acute myeloid "
            "leukaemia with convolutional neural networks. Nature Machine Intelligence 1, 2019. "
            "doi:10.1038/s42256-019-0101-9"
        ),
    ),
    licence="CC BY 3.0",
    classes=CLASSES,
    background="light",
    contradictions=(
        "No patients are published: no split can promise that a patient's cells stay on one side.",
        (
            "Published as 400 x 400 px with an alpha channel; copies in circulation hold some classes at 360 x 360 px "
            "without one, so that size and mode tell the class."
        ),
        "Eleven to eighty cells in nine of the fifteen classes: a tenth held out leaves one or two of a class to test.",
        "A reproduction of the paper trained with 16 outputs for the 15 classes.",
    ),
    links="patients are not known",
    groups=OF_FIFTEEN,
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds pictures with a class's code (``BAS_0001.tiff``) in the folder of that code."""
    return bool(_named(listing).select((pl.col("own_class") == pl.col("folder_class")).any()).item())


def read(path: Path) -> Cohort:
    """Read the Munich AML set from the folder of its class folders, one above it, or one class folder alone.

    Args:
        path: The folder.

    Returns:
        The classes are those that have pictures here, if there are two. Cells with ``annotation``, ``reannotation_1``
        and ``reannotation_2`` from annotations.dat (a class or ``UNC``; null where it says nan, or the file is not
        there); the id is the name without its ending. No patients.

    Raises:
        DataError: no such folder, no picture in any of the class folders, or annotations.dat is no text.
    """
    listing = list_files(path)
    pictures = _named(listing)
    if pictures["folder_class"].null_count() == pictures.height:
        raise DataError(
            f"This folder is not in Matek's layout: no pictures in {', '.join(CODES)}.",
            where=str(path),
            do="Check the path; other class folders are read by the reader 'folder'.",
        )
    annotations = read_annotations(listing)
    cells = set_repeats_apart(_cells(pictures, annotations.table))
    classes = present(cells, CLASSES)
    notes = [*annotations.notes, *absent_note(cells, CLASSES, classes), *_notes(cells, annotations.table)]
    columns = ["id", "path", "label", "source", "excluded", "annotation", "reannotation_1", "reannotation_2"]
    notes += listing.left_out(*annotations.files)
    return Cohort.from_cells("matek", path, cells.select(columns), classes, notes=notes)


def _named(listing: Listing) -> pl.DataFrame:
    """Return the pictures with the class of their folder and the class that their name says."""
    where = (pl.lit(f"{listing.root.resolve().name}/") + pl.col("folder")).str.strip_chars_end("/")
    folder = where.str.extract(r"([^/]+)$").str.to_uppercase()
    own = pl.col("stem").str.extract(NAME).str.to_uppercase()
    return listing.pictures.with_columns(
        folder_class=pl.when(folder.is_in(CLASSES.names)).then(folder),
        own_class=pl.when(own.is_in(CLASSES.names)).then(own),
    )


def _cells(pictures: pl.DataFrame, annotations: pl.DataFrame) -> pl.DataFrame:
    rows = pictures.with_columns(key=pl.col("stem").str.to_uppercase())
    rows = rows.join(annotations, left_on="key", right_on="stem", how="left", maintain_order="left")
    cells = rows.with_columns(source=pl.lit("matek"), excluded=pl.coalesce("excluded", *_contradictions()))
    odd = pl.col("name").str.starts_with(".") | pl.col("folder_class").is_null()
    return cells.with_columns(
        id=pl.when(odd).then("path").otherwise("stem"),
        label=pl.when(pl.col("excluded").is_null()).then("folder_class"),
    )


def _contradictions() -> list[pl.Expr]:
    """Return why a row must not be used, the first reason that is not null counting."""
    filed = pl.concat_str(pl.lit("filed under "), "folder_class")
    return [
        pl.when(pl.col("folder_class").is_null()).then(pl.lit("in none of Matek's class folders")),
        pl.when(pl.col("own_class") != pl.col("folder_class")).then(filed + pl.lit(", named ") + pl.col("own_class")),
        pl.when(pl.col("several")).then(pl.lit(f"its lines in {ANNOTATIONS} contradict each other")),
        pl.when(pl.col("annotation") != pl.col("folder_class")).then(
            filed + pl.lit(f", but {ANNOTATIONS} says ") + pl.col("annotation")
        ),
    ]


def _notes(cells: pl.DataFrame, annotations: pl.DataFrame) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    strange = usable.filter(pl.col("own_class").is_null())["path"]
    notes = []
    if strange.len():
        notes.append(
            f"Not named after a class, so by their folder alone: {counted(strange.len(), 'picture')} "
            f"({listed(strange)})."
        )
    if annotations.height:
        away = annotations.join(cells, left_on="stem", right_on="key", how="anti").height
        silent = usable.filter(pl.col("annotation").is_null()).height
        notes += [f"{ANNOTATIONS} names {counted(annotations.height, 'picture')}; {away:,} are not here."] * bool(away)
        notes += [f"Not in {ANNOTATIONS}: {counted(silent, 'picture')}."] * bool(silent)
    return notes


READER = Reader("matek", read, recognises, DESCRIPTION)
