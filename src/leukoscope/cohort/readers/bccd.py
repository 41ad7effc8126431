"""BCCD: fields of blood smears with boxes around white cells, red cells and platelets (Pascal VOC)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import PATIENT_COLUMNS, Cohort
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.pascal_voc import SCHEMA, read_boxes
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.cohort.readers.text_lines import read_lines
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

CLASSES = Classes(("wbc", "rbc", "platelet"), ("white blood cell", "red blood cell", "platelet"))
NAMES = {"wbc": "wbc", "rbc": "rbc", "platelets": "platelet", "platelet": "platelet"}
PICTURES, ANNOTATIONS, SETS = "JPEGImages", "Annotations", "ImageSets/Main"
PARTS = ("train", "val", "test")
UNUSABLE = "its annotation cannot be used"
NAME = r"(?i)^BloodImage_\d+$"

DESCRIPTION = Description(
    title="BCCD: fields of blood smears at 640 x 480 px with boxes of white cells, red cells and platelets",
    contents=(
        "364 fields with 4,888 boxes: red cells 4,155, white cells 372, platelets 361. A field has no class of its "
        "own: the classes are those of the boxes. No patients are named."
    ),
    layout=(
        "JPEGImages/BloodImage_00000.jpg, Annotations/BloodImage_00000.xml (Pascal VOC), ImageSets/Main/train.txt, "
        "val.txt and test.txt. Any but the pictures may be missing."
    ),
    sources=(
        (
            "github.com/Shenggan/BCCD_Dataset; pictures and boxes from github.com/cosmicad/dataset and "
            "github.com/akshaylamba/all_CELL_data"
        ),
    ),
    licence="MIT",
    classes=CLASSES,
    official={"train": ("train",), "validation": ("val",), "test": ("test",)},
    background="light",
    contradictions=(
        "Boxes without area: one red cell each in BloodImage_00338 and BloodImage_00343.",
        "No white cell has a box in BloodImage_00178 and BloodImage_00228, yet each shows one.",
        (
            "Cells are missing or wrongly named among the boxes: others deleted fields and drew boxes anew "
            "(arXiv:2407.13214)."
        ),
        "No patients are published: no split can promise that a patient's fields stay on one side.",
    ),
    links="patients are not known",
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds pictures named ``BloodImage_00000.jpg`` in a folder JPEGImages."""
    pictures = _placed(listing)
    return bool(pictures.select((pl.col("stem").str.contains(NAME) & pl.col("placed")).any()).item())


def read(path: Path) -> Cohort:
    """Read BCCD from the folder of JPEGImages and Annotations, one above it, or JPEGImages alone.

    Args:
        path: The folder.

    Returns:
        Fields without labels, with ``place`` (``train``, ``val``, ``test``; null where the lists are not there) and
        ``boxes`` (int64, how many; null where there is no annotation); the id is the name without its ending.
        ``tables["boxes"]`` holds ``id``, ``label`` (``wbc``, ``rbc``, ``platelet``; null for any other name), ``left``,
        ``top``, ``right``, ``bottom`` (float64, pixels, as written). No patients.

    Raises:
        DataError: no such folder, no pictures in JPEGImages, or a list of names that is no text.
    """
    listing = list_files(path)
    pictures = _placed(listing)
    if not pictures["placed"].any():
        raise DataError(
            "This folder is not in BCCD's layout: no pictures in JPEGImages.", where=str(path), do="Check the path."
        )
    root = _annotations(listing, pictures)
    cells = set_repeats_apart(_cells(pictures, _places(root / SETS)))
    cells, boxes, notes = _boxed(cells, root / ANNOTATIONS)
    known = boxes.with_columns(
        pl.col("label").str.to_lowercase().replace_strict(NAMES, default=None, return_dtype=pl.String)
    )
    notes = [*_place_notes(cells), *notes, *_box_notes(cells, boxes, known)]
    used = listing.others.filter(pl.col("ending").is_in([".xml", ".txt"]))["path"]
    columns = cells.select("id", "path", "source", "place", "excluded", "boxes")
    none = pl.DataFrame(schema=PATIENT_COLUMNS)
    every = (*notes, *listing.left_out(*used))
    return Cohort("bccd", path, columns, none, CLASSES, every, tables={"boxes": known})


def _placed(listing: Listing) -> pl.DataFrame:
    where = (pl.lit(f"/{listing.root.resolve().name}/") + pl.col("folder")).str.strip_chars_end("/")
    return listing.pictures.with_columns(placed=where.str.ends_with(f"/{PICTURES}"))


def _annotations(listing: Listing, pictures: pl.DataFrame) -> Path:
    """Return the folder that JPEGImages lies in."""
    folders: list[str] = pictures.filter(pl.col("placed"))["folder"].unique().sort().to_list()
    if len(folders) > 1:
        raise DataError(
            "BCCD is here more than once.",
            where=str(listing.root / folders[0]),
            more=len(folders) - 1,
            do="Name the folder of one.",
        )
    return (listing.root.resolve() / folders[0]).parent


def _places(folder: Path) -> pl.DataFrame:
    """Return the lists of names: ``stem``, ``place``, ``several`` (whether it stands in more than one)."""
    rows = [
        (line, part)
        for part in PARTS
        if (folder / f"{part}.txt").is_file()
        for line in read_lines(folder / f"{part}.txt")
        if line
    ]
    table = pl.DataFrame(rows, schema={"stem": pl.String, "place": pl.String}, orient="row").unique(maintain_order=True)
    table = table.with_columns(several=pl.col("stem").is_duplicated())
    return table.unique("stem", keep="first", maintain_order=True)


def _cells(pictures: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    rows = pictures.join(places, on="stem", how="left", maintain_order="left")
    unplaced = pl.when(~pl.col("placed")).then(pl.lit(f"not in the folder {PICTURES}"))
    several = pl.when(pl.col("several")).then(pl.lit("in more than one of train.txt, val.txt and test.txt"))
    return rows.with_columns(
        id=pl.when(pl.col("excluded").is_null() & pl.col("placed")).then("stem").otherwise("path"),
        source=pl.lit("bccd"),
        place=pl.when(pl.col("several").is_not_null() & ~pl.col("several")).then("place"),
        excluded=pl.coalesce("excluded", unplaced, several),
        listed=pl.col("several").is_not_null(),
    )


def _boxed(cells: pl.DataFrame, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Return the cells with the number of their boxes, the boxes, and the notes; damaged annotations exclude."""
    files = {file.stem: file for file in sorted(folder.glob("*.xml"))} if folder.is_dir() else {}
    tables, counts, reasons, notes = [pl.DataFrame(schema=SCHEMA)], list[int | None](), list[str | None](), list[str]()
    fields = cells.filter(pl.col("placed"))["stem"].to_list()
    for name, stem, placed in cells.select("id", "stem", "placed").iter_rows():
        found, reason = None, None
        if placed and stem in files:
            try:
                found = read_boxes(files[stem], name)
            except DataError as error:
                reason = UNUSABLE  # one for all, so that they are counted together; the note says more
                notes.append(f"Excluded with its annotation: {error.what}")
        if found is not None:
            tables.append(found.table)
            notes += found.notes
        counts.append(None if found is None else found.table.height)
        reasons.append(reason)
    away = sorted(set(files) - set(fields))
    if away:
        notes.append(f"Annotations of fields that are not here: {counted(len(away), 'file')} ({listed(away)}).")
    said = pl.Series("reason", reasons, dtype=pl.String)
    cells = cells.with_columns(pl.Series("boxes", counts, dtype=pl.Int64), excluded=pl.coalesce("excluded", said))
    return cells, pl.concat(tables), notes


def _place_notes(cells: pl.DataFrame) -> list[str]:
    unlisted = cells.filter(pl.col("excluded").is_null() & ~pl.col("listed"))["id"]
    if not unlisted.len():
        return []
    return [f"In none of train.txt, val.txt and test.txt: {counted(unlisted.len(), 'field')} ({listed(unlisted)})."]


def _box_notes(cells: pl.DataFrame, boxes: pl.DataFrame, known: pl.DataFrame) -> list[str]:
    usable = cells.filter(pl.col("excluded").is_null())
    bare = usable.filter(pl.col("boxes").is_null())["id"]
    flat = boxes.filter((pl.col("right") <= pl.col("left")) | (pl.col("bottom") <= pl.col("top")))["id"].unique()
    white = known.filter(pl.col("label") == "wbc")["id"].unique()
    without = usable.filter(pl.col("boxes").is_not_null() & ~pl.col("id").is_in(white.implode()))["id"]
    strange = boxes.filter(known["label"].is_null())["label"].drop_nulls().unique().sort()
    found = [
        (bare.len(), f"Without an annotation: {counted(bare.len(), 'field')} ({listed(bare)})."),
        (flat.len(), f"With a box without area: {counted(flat.len(), 'field')} ({listed(flat.sort())})."),
        (without.len(), f"Without a box of a white cell: {counted(without.len(), 'field')} ({listed(without)})."),
        (strange.len(), f"Boxes of unknown names are left without a label: {listed(strange)}."),
    ]
    return [note for count, note in found if count]


READER = Reader("bccd", read, recognises, DESCRIPTION)
