"""PBC: Acevedo's peripheral blood cells of healthy people, eight classes, no patients."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.known_groups import OF_EIGHT
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.present_classes import absent_note, present
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

CLASSES = Classes(
    ("basophil", "eosinophil", "erythroblast", "ig", "lymphocyte", "monocyte", "neutrophil", "platelet"),
    (
        "basophil",
        "eosinophil",
        "erythroblast",
        "immature granulocyte",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    ),
)
SUBTYPES = {
    "BA": "basophil",
    "EO": "eosinophil",
    "ERB": "erythroblast",
    "IG": "ig",
    "MMY": "ig",
    "MY": "ig",
    "PMY": "ig",
    "LY": "lymphocyte",
    "MO": "monocyte",
    "BNE": "neutrophil",
    "NEUTROPHIL": "neutrophil",
    "SNE": "neutrophil",
    "PLATELET": "platelet",
}
PREFIX = r"^([A-Za-z]+)_\d+$"

DESCRIPTION = Description(
    title="PBC: peripheral blood cells of healthy people, about 360 x 363 px, eight classes",
    contents=(
        "17,092 cells: basophil 1,218, eosinophil 3,117, erythroblast 1,551, immature granulocyte 2,895, lymphocyte "
        "1,214, monocyte 1,420, neutrophil 3,329, platelet 2,348. Finer types by prefix: SNE segmented and BNE band "
        "neutrophil, MMY metamyelocyte, MY myelocyte, PMY promyelocyte; NEUTROPHIL and IG are typed no further. No "
        "patients are named."
    ),
    layout=(
        "Class folders basophil, eosinophil, erythroblast, ig, lymphocyte, monocyte, neutrophil, platelet. Any may be "
        "missing; the classes are then those that are there, if there are two."
    ),
    sources=(
        (
            "Acevedo A, Merino A, Alferez S, Molina A, Boldu L, Rodellar J. A dataset for microscopic peripheral blood "
            "cell images for development of automatic recognition systems. Mendeley Data, V1, "
            "2020. doi:10.17632/snkd93bnjr.1"
        ),
    ),
    licence="CC BY 4.0",
    classes=CLASSES,
    crop=360,
    background="light",
    contradictions=(
        "Said to be 360 x 363 px, but 250 are 366 x 369 (fifty in each of five classes): size tells the class.",
        "Of ig and erythroblast, 198 are 360 x 360 px or of odd sizes.",
        "One picture stands in two classes: BNE_191112 and EO_225902 are identical; 17 identical pairs in all.",
        "neutrophil holds a junk file, .DS_169665.jpg, so counts of files say 17,093.",
        "No patients are published: no split can promise that a patient's cells stay on one side.",
    ),
    links="17 identical pairs of pictures in the whole set; patients are not known.",
    groups=OF_EIGHT,
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds pictures with PBC's prefixes (``BA_1.jpg``) in PBC's class folders."""
    return bool(_named(listing).select((pl.col("own_class") == pl.col("folder_class")).any()).item())


def read(path: Path) -> Cohort:
    """Read PBC from the folder of its class folders, one above it, or one class folder alone.

    Args:
        path: The folder.

    Returns:
        The classes are those that have pictures here, if there are two, so that a part of the set can be trained on.
        Cells with ``subtype`` (the file's prefix in upper case: ``SNE``, ``BNE``, ``MY``, ...; null where the name has
        none that is known); the id is the name without its ending. No patients.

    Raises:
        DataError: no such folder, or no picture in any of the class folders.
    """
    listing = list_files(path)
    pictures = _named(listing)
    if pictures["folder_class"].null_count() == pictures.height:
        raise DataError(
            f"This folder is not in PBC's layout: no pictures in {', '.join(CLASSES.names)}.",
            where=str(path),
            do="Check the path; other class folders are read by the reader 'folder'.",
        )
    cells = set_repeats_apart(_cells(pictures))
    classes = present(cells, CLASSES)
    notes = (*_notes(cells, classes), *listing.left_out())
    cells = cells.select("id", "path", "label", "source", "excluded", "subtype")
    return Cohort.from_cells("pbc", path, cells, classes, notes=notes)


def _named(listing: Listing) -> pl.DataFrame:
    """Return the pictures with the class of their folder and the class that their prefix belongs to."""
    folder = (pl.lit(f"{listing.root.resolve().name}/") + pl.col("folder")).str.strip_chars_end("/")
    name = folder.str.extract(r"([^/]+)$").str.to_lowercase()
    prefix = pl.col("stem").str.extract(PREFIX).str.to_uppercase()
    own = prefix.replace_strict(SUBTYPES, default=None, return_dtype=pl.String)
    return listing.pictures.with_columns(
        folder_class=pl.when(name.is_in(CLASSES.names)).then(name),
        own_class=own,
        subtype=pl.when(own.is_not_null()).then(prefix),
    )


def _cells(pictures: pl.DataFrame) -> pl.DataFrame:
    unplaced = pl.when(pl.col("folder_class").is_null()).then(pl.lit("in none of PBC's class folders"))
    both = pl.concat_str(
        pl.lit("filed under "), "folder_class", pl.lit(", but its prefix "), "subtype", pl.lit(" is of "), "own_class"
    )
    wrong = pl.when(pl.col("own_class") != pl.col("folder_class")).then(both)
    cells = pictures.with_columns(source=pl.lit("pbc"), excluded=pl.coalesce("excluded", unplaced, wrong))
    odd = pl.col("name").str.starts_with(".") | pl.col("folder_class").is_null()
    return cells.with_columns(
        id=pl.when(odd).then("path").otherwise("stem"),
        label=pl.when(pl.col("excluded").is_null()).then("folder_class"),
    )


def _notes(cells: pl.DataFrame, classes: Classes) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    strange = usable.filter(pl.col("subtype").is_null())["path"]
    notes = absent_note(usable, CLASSES, classes)
    if strange.len():
        notes.append(
            f"Without a known prefix, so of unknown subtype: {counted(strange.len(), 'picture')} ({listed(strange)})."
        )
    return notes


READER = Reader("pbc", read, recognises, DESCRIPTION)
