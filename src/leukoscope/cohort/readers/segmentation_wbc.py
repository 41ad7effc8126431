"""segmentation_WBC: Zheng's white blood cells with masks of nucleus and cytoplasm, two data sets, five classes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.present_classes import absent_note, present
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.segmentation_wbc_labels import Labels, read_labels
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

CLASSES = Classes(("neutrophil", "lymphocyte", "monocyte", "eosinophil", "basophil"))
CODES = {str(code): name for code, name in enumerate(CLASSES.names, start=1)}
PLACED = r"(?i)/Dataset ([12])$"
MASK = ".png"

DESCRIPTION = Description(
    title="segmentation_WBC: white blood cells with masks of nucleus and cytoplasm, five classes",
    contents=(
        "Dataset 1: 300 cells (neutrophil 176, lymphocyte 53, monocyte 48, eosinophil 22, basophil 1), rapid stain, "
        "yellow ground. Dataset 2: 100 cells of 300 x 300 px from the CellaVision blog (neutrophil 33, lymphocyte 37, "
        "monocyte 15, eosinophil 12, basophil 3). A mask each: 0 the rest, 128 cytoplasm, 255 nucleus. No patients "
        "are named."
    ),
    layout=(
        "Dataset 1/001.bmp with its mask Dataset 1/001.png, and Class Labels of Dataset 1.csv (image ID, class label) "
        "beside the folder; likewise Dataset 2. Any part may be missing."
    ),
    sources=(
        (
            "Zheng X, Wang Y, Wang G, Liu J. Fast and robust segmentation of white blood cell images by "
            "self-supervised learning. Micron 107, 2018. doi:10.1016/j.micron.2018.01.010"
        ),
        "github.com/zxaoyou/segmentation_WBC",
    ),
    licence="GPL-3.0",
    classes=CLASSES,
    background="light",
    contradictions=(
        "The classes are partly the authors' own and were not checked by experts, as their page says.",
        "Said to be 120 x 120 px, but the pictures of Dataset 1 are of many sizes from 88 to 120 px.",
        "Two pictures of Dataset 1 are identical: 112 and 139.",
        "The headers of the two csv files differ: 'class label' in the first, 'class' in the second.",
        "Some masks of Dataset 2 hold stray grey values beside 0, 128 and 255.",
        "One basophil in Dataset 1 and three in Dataset 2: no split has the class in each part.",
        "No patients are published: no split can promise that a patient's cells stay on one side.",
    ),
    links="Dataset 1's pictures 112 and 139 are identical; patients are not known.",
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds numbered pictures with a mask of the same number (001.bmp, 001.png) in Dataset 1 or 2."""
    numbered = _placed(listing).filter(pl.col("place").is_not_null() & pl.col("stem").str.contains(r"^\d+$"))
    masks = numbered.filter(pl.col("ending") == MASK)
    pictures = numbered.filter(pl.col("ending") != MASK)
    return pictures.join(masks, on=["place", "stem"], how="semi").height > 0


def read(path: Path) -> Cohort:
    """Read segmentation_WBC from the folder of Dataset 1 and Dataset 2, one above it, or one of the two.

    Args:
        path: The folder.

    Returns:
        The classes are those that have pictures here, if there are two. Cells with the id ``dataset_1/001``, ``place``
        (``dataset_1``, ``dataset_2``) and ``mask`` (the path of the mask, relative to the folder: 0 the rest, 128
        cytoplasm, 255 nucleus; null where there is none). No patients.

    Raises:
        DataError: no such folder, no pictures in Dataset 1 or Dataset 2, or a damaged csv.
    """
    listing = list_files(path)
    pictures = _placed(listing)
    if pictures.filter(pl.col("place").is_not_null() & (pl.col("ending") != MASK)).is_empty():
        raise DataError(
            "This folder is not in the layout of segmentation_WBC: no pictures in Dataset 1 or Dataset 2.",
            where=str(path),
            do="Check the path.",
        )
    labels = read_labels(listing)
    masks = pictures.filter(pl.col("place").is_not_null() & (pl.col("ending") == MASK) & pl.col("excluded").is_null())
    is_mask = pl.col("path").is_in(masks["path"].implode())
    cells = set_repeats_apart(_cells(pictures.filter(~is_mask), masks, labels.table))
    classes = present(cells, CLASSES)
    notes = [*labels.notes, *absent_note(cells, CLASSES, classes), *_notes(cells, masks, labels)]
    notes += listing.left_out(*labels.files)
    cells = cells.select("id", "path", "label", "source", "place", "excluded", "mask")
    return Cohort.from_cells("segmentation_wbc", path, cells, classes, notes=notes)


def _placed(listing: Listing) -> pl.DataFrame:
    root = listing.root.resolve()
    where = (pl.lit(f"/{root.name}/") + pl.col("folder")).str.strip_chars_end("/")
    return listing.pictures.with_columns(place=pl.lit("dataset_") + where.str.extract(PLACED))


def _cells(pictures: pl.DataFrame, masks: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    masks = masks.select("place", "stem", mask="path").unique(["place", "stem"], keep="first", maintain_order=True)
    rows = pictures.join(masks, on=["place", "stem"], how="left", maintain_order="left")
    rows = rows.with_columns(number=pl.col("stem").cast(pl.Int64, strict=False))
    rows = rows.join(labels, on=["place", "number"], how="left", maintain_order="left")
    unplaced = pl.when(pl.col("place").is_null()).then(pl.lit("in neither of the folders Dataset 1 and Dataset 2"))
    several = pl.when(pl.col("several")).then(pl.lit("its rows in the labels csv contradict each other"))
    wrong = pl.format("its label in the csv is {}, not 1 to {}", "code", pl.lit(len(CODES)))
    strange = pl.when(~pl.col("code").is_in(list(CODES))).then(wrong)
    rows = rows.with_columns(
        source=pl.lit("segmentation_wbc"), excluded=pl.coalesce("excluded", unplaced, several, strange)
    )
    odd = pl.col("name").str.starts_with(".") | pl.col("place").is_null()
    label = pl.col("code").replace_strict(CODES, default=None, return_dtype=pl.String)
    return rows.with_columns(
        id=pl.when(odd).then("path").otherwise(pl.concat_str("place", pl.lit("/"), "stem")),
        label=pl.when(pl.col("excluded").is_null()).then(label),
    )


def _notes(cells: pl.DataFrame, masks: pl.DataFrame, labels: Labels) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    unmasked = usable.filter(pl.col("mask").is_null())["id"]
    lonely = masks.join(cells, on=["place", "stem"], how="anti")["path"]
    unlabelled = usable.filter(pl.col("label").is_null())["id"]
    away = labels.table.join(cells, on=["place", "number"], how="anti").height
    found = [
        (unmasked.len(), f"Without a mask: {counted(unmasked.len(), 'picture')} ({listed(unmasked)})."),
        (lonely.len(), f"Masks without a picture, left out: {counted(lonely.len(), 'file')} ({listed(lonely)})."),
        (
            unlabelled.len(),
            f"Not in a labels csv, so of unknown class: {counted(unlabelled.len(), 'picture')} ({listed(unlabelled)}).",
        ),
        (
            away,
            f"The labels csv files name {counted(labels.table.height, 'picture')}; {away:,} are not here.",
        ),
    ]
    return [note for count, note in found if count]


READER = Reader("segmentation_wbc", read, recognises, DESCRIPTION)
