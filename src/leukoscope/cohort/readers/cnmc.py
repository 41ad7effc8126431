"""C-NMC 2019: cells of acute lymphoblastic leukaemia and of healthy subjects, cut out on black."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.cnmc_labels import preliminary_labels
from leukoscope.cohort.readers.cnmc_links import KNOWN_LINKS
from leukoscope.cohort.readers.known_links import as_patient_links
from leukoscope.cohort.readers.listing import LOSSLESS_ENDINGS, Listing, list_files
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import mixed_note, mixed_patients, own_labels, set_repeats_apart
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

CLASSES = Classes(("hem", "all"), ("normal cell (HEM)", "leukaemic blast (ALL)"), "all")
TRAINING = r"(?i)/(?:fold_(\d+)/)?(all|hem)$"
NUMBERED = {
    "preliminary": r"(?i)/(?:C-NMC_test_prelim_phase_data|phase2)$",
    "final": r"(?i)/(?:C-NMC_test_final_phase_data|phase3)$",
}
NAME = r"(?i)^UID_(H?\d+)_(\d+)_(\d+)_(all|hem)$"
FORM = "UID_<subject>_<picture>_<cell>_<all or hem>"

DESCRIPTION = Description(
    title="C-NMC 2019: leukaemic blasts (ALL) and normal cells (HEM), 450 x 450 px, cut out on black",
    contents=(
        "Training: 10,661 cells of 73 subjects (7,272 ALL of 47, 3,389 HEM of 26) in three folds. Preliminary: 1,867 "
        "cells of 28 subjects (1,219 ALL of 13, 648 HEM of 15). Final: 2,586 cells, labels not published."
    ),
    layout=(
        "C-NMC_Leukemia/training_data/fold_k/{all,hem}, validation_data/C-NMC_test_prelim_phase_data and its labels "
        "csv, testing_data/C-NMC_test_final_phase_data; or fold_k/{all,hem}, phase2 and phase2.csv, phase3. Any part "
        "may be missing; bmp or any lossless copy."
    ),
    sources=(
        (
            "Gupta A, Gupta R. ALL Challenge dataset of ISBI 2019. The Cancer Imaging Archive, 2019. "
            "doi:10.7937/tcia.2019.dc64i46r"
        ),
    ),
    licence="CC BY 3.0",
    classes=CLASSES,
    official={"train": ("fold_0", "fold_1", "fold_2"), "test": ("preliminary",)},
    crop=300,
    background="black",
    contradictions=(
        "Training subjects: 76 in Liu & Long 2019, 73 in Prellberg & Kramer 2019; by file name 73 (47 ALL, 26 HEM).",
        "Preliminary subjects: Liu & Long 2019 count 30 (15 ALL); by the labels csv they are 28 (13 ALL, 15 HEM).",
        "Subjects in all: the text says 154 in one place and 118 in another.",
        "Subject H3 is written h3 in 36 file names of fold 2; H and h are taken as one.",
        "The official folds are said to be parted by subject, yet 94 pairs of identical pictures join them.",
        "Identical pictures: 106 pairs in the whole set, 99 of them under two subjects' names; none across classes.",
        "UID_17_18_2_all and UID_20_34_2_all, two subjects, show one cell with small differences in the pixels.",
        "Final-phase pictures are 600 x 600 px, all others 450 x 450 px.",
        "Baldi & Cioffo 2021 split by cell: cells of one subject stand on both sides of their figures.",
        "The number of non-black pixels alone tells ALL from HEM on unseen subjects with AUC 0.868 (fold 0 to fold 1).",
        "Some cells reach beyond the 300 px centre: their segmentation took in background.",
    ),
    links=(
        "Identical pictures join subjects 20-21 (71 pairs), 51-78 (11), 51-75 (10), H2-H4 (3), H2-H5 (2), H2-H6 (1) "
        "and H3-H10 (1) of the training set, and a twin joins 17-20: they must stay on one side. Of the 106 pairs, 5 "
        "lie within H10 and 2 within the final phase."
    ),
    known_links=KNOWN_LINKS,
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds C-NMC pictures: UID names in all/ or hem/, or the numbered pictures of a later phase."""
    pictures = _placed(listing)
    named = pl.col("folder_label").is_not_null() & pl.col("subject").is_not_null()
    numbered = pl.col("place").is_in(list(NUMBERED)) & pl.col("stem").str.contains(r"^\d+$")
    return pictures.select((named | numbered).any()).item() is True


def read(path: Path) -> Cohort:
    """Read C-NMC from the folder above ``C-NMC_Leukemia``, from it, or from any folder inside it.

    Args:
        path: The folder.

    Returns:
        Cells with ``place`` (``fold_0`` to ``fold_2``, ``preliminary``, ``final``), ``patient`` (the data set's
        subject, H in upper case), ``picture_number`` and ``cell_number`` (int64, from the names) and ``original_name``
        (the published name without its ending: of preliminary cells the one in the labels csv). The id is the name
        without its ending; ``preliminary/1`` and ``final/1`` where pictures are only numbered. Patients carry the class
        of their cells; ``patient_links`` holds what is known of the whole set, also of subjects who are not here.

    Raises:
        DataError: no such folder, no C-NMC pictures in it, or a damaged labels csv.
    """
    listing = list_files(path)
    pictures = _placed(listing)
    if not pictures["place"].len() or pictures["kind"].null_count() == pictures.height:
        raise DataError(
            "This folder is not in C-NMC's layout: no pictures in fold_k/all, fold_k/hem, C-NMC_test_prelim_phase_data "
            "or phase2, C-NMC_test_final_phase_data or phase3.",
            where=str(path),
            do="Check the path; class folders of other pictures are read by the reader 'folder'.",
        )
    labels = preliminary_labels(listing)
    cells = set_repeats_apart(_cells(pictures, labels.table))
    notes = [*labels.notes, *_preliminary_notes(cells, labels.table), *_ending_note(cells)]
    notes += [*mixed_note(mixed_patients(cells)), *listing.left_out(*labels.files)]
    columns = ["id", "path", "label", "patient", "source", "place", "excluded"]
    cells = cells.select(*columns, "picture_number", "cell_number", "original_name")
    known = as_patient_links(KNOWN_LINKS)
    return Cohort("cnmc", path, cells, own_labels(cells), CLASSES, tuple(notes), patient_links=known)


def _placed(listing: Listing) -> pl.DataFrame:
    """Return the pictures with what their folders and names say: kind, place, folder_label, subject."""
    root = listing.root.resolve()
    above = f"/{root.parent.name}/{root.name}/"
    where = (pl.lit(above) + pl.col("folder")).str.strip_chars_end("/")
    numbered = [pl.when(where.str.contains(pattern)).then(pl.lit(name)) for name, pattern in NUMBERED.items()]
    phase = pl.coalesce(*numbered)
    training = where.str.contains(TRAINING)
    fold = pl.concat_str(pl.lit("fold_"), where.str.extract(TRAINING, 1))
    return listing.pictures.with_columns(
        kind=pl.when(training).then(pl.lit("training")).otherwise(phase),
        folder_label=where.str.extract(TRAINING, 2).str.to_lowercase(),
        place=pl.coalesce(fold, phase),
        subject=pl.col("stem").str.extract(NAME, 1),
    )


def _cells(pictures: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Join the labels csv, take the names apart, and find what contradicts."""
    phase = pl.col("kind").is_in(list(NUMBERED))
    rows = pictures.with_columns(
        number=pl.when(pl.col("kind") == "preliminary").then("stem"),
        original_name=pl.when(pl.col("kind") == "training").then("stem"),
    ).join(labels, on="number", how="left", maintain_order="left")
    rows = rows.with_columns(
        original_name=pl.coalesce("original_name", "csv_name"),
        stated_label=pl.coalesce("folder_label", "csv_label"),
    )
    parts = {
        name: pl.col("original_name").str.extract(NAME, index)
        for index, name in enumerate(("patient", "picture_number", "cell_number", "name_label"), start=1)
    }
    rows = rows.with_columns(**parts)
    rows = rows.with_columns(
        pl.col("patient").str.to_uppercase(),
        pl.col("picture_number", "cell_number").cast(pl.Int64),
        pl.col("name_label").str.to_lowercase(),
        source=pl.lit("cnmc"),
    )
    rows = rows.with_columns(excluded=pl.coalesce("excluded", "csv_excluded", _contradiction()))
    numbered_id = pl.concat_str("place", pl.lit("/"), "stem")
    placed = pl.when(phase).then(numbered_id).when(pl.col("kind").is_not_null()).then("stem").otherwise("path")
    return rows.with_columns(
        id=placed,
        label=pl.when(pl.col("excluded").is_null()).then("stated_label"),
    )


def _contradiction() -> pl.Expr:
    """Return why a row must not be used, null where nothing speaks against it."""
    unplaced = pl.lit("in none of C-NMC's folders")
    unnamed = pl.concat_str(pl.lit(f"its name does not say the subject ({FORM}): "), "original_name")
    where = pl.when(pl.col("kind") == "training").then(pl.lit("filed under ")).otherwise(pl.lit("its row says "))
    both = pl.concat_str(where, "stated_label", pl.lit(", named "), "name_label", pl.lit(": "), "original_name")
    named = pl.col("original_name").is_not_null()
    return (
        pl.when(pl.col("kind").is_null())
        .then(unplaced)
        .when(named & pl.col("patient").is_null())
        .then(unnamed)
        .when(pl.col("stated_label") != pl.col("name_label"))
        .then(both)
    )


def _preliminary_notes(cells: pl.DataFrame, labels: pl.DataFrame) -> list[str]:
    numbers = cells.filter(pl.col("kind") == "preliminary")
    missing = labels.join(numbers, on="number", how="anti").height
    unlabelled = numbers.filter(pl.col("excluded").is_null() & pl.col("csv_name").is_null()).height
    notes = []
    if missing:
        notes.append(f"The labels csv names {counted(labels.height, 'preliminary picture')}; {missing:,} are not here.")
    if unlabelled:
        notes.append(f"Not in a labels csv, so of unknown class: {counted(unlabelled, 'preliminary picture')}.")
    return notes


def _ending_note(cells: pl.DataFrame) -> list[str]:
    lossy = cells.filter(pl.col("excluded").is_null() & ~pl.col("ending").is_in(LOSSLESS_ENDINGS))["path"]
    if not lossy.len():
        return []
    return [f"In a lossy format, so not as published: {counted(lossy.len(), 'picture')} ({listed(lossy)})."]


READER = Reader("cnmc", read, recognises, DESCRIPTION)
