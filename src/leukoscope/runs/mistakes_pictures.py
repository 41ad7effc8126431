"""What the cells of an error analysis are like, and the sheets that show them: from the pictures of its runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import load_cohort
from leukoscope.errors import DataError, counted
from leukoscope.pictures.cell_shape import CellShape, cell_shape
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import CenterCrop
from leukoscope.progress import progress
from leukoscope.reports.mistakes_folder import SHEETS, MistakesFolder
from leukoscope.reports.sheets import picture_sheet
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.members import Members
from leukoscope.runs.preparation import description_of

NO_RUN = "None of these models is a run, so nobody knows where the pictures are."
NOT_THERE = "{} cannot be read under {}. Name the folder where the pictures are now: --data."
PROPERTIES: dict[str, pl.DataType] = {
    "area": pl.Int64(),
    "brightness": pl.Float64(),
    "background_share": pl.Float64(),
    "solidity": pl.Float64(),
    "circularity": pl.Float64(),
    "touches_border": pl.Boolean(),
}
"""The columns of ``properties.csv`` after ``id``, as in ``cell_shape.CellShape``; null where no cell is found."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Pictures:
    """Where the pictures of some cells are.

    Args:
        cohort: Whose cells they are.
        crop: Side of the centre square that is shown, as the data set's reader knows it; None for whole pictures.
    """

    cohort: Cohort
    crop: int | None

    def read(self, ids: Sequence[str], make: Callable[[Pixels], Made]) -> list[Made]:
        """Decode pictures and make something of each, several at once, in their order.

        Args:
            ids: Ids of cells.
            make: What is made of the pixels, (h, w, 3) uint8, RGB.

        Raises:
            DataError: a picture is missing or cannot be read.
        """
        table = pl.DataFrame({"id": ids}, schema={"id": pl.String})
        paths = table.join(self.cohort.cells.select("id", "path"), on="id", how="left", maintain_order="left")["path"]
        files = [self.cohort.file(path) for path in paths]
        with progress("Pictures", len(files)) as advance, ThreadPoolExecutor(os.cpu_count()) as threads:
            made = []
            for one in threads.map(lambda file: make(decode(file).pixels), files):
                made.append(one)
                advance(1)
        return made

    def shown(self, pixels: Pixels) -> Pixels:
        """Return what a sheet shows of a picture."""
        return pixels if self.crop is None else CenterCrop(side=self.crop).apply(pixels)


def find_pictures(members: Members, ids: Sequence[str], data: Path | None = None) -> Pictures | str:
    """Return where the pictures are, or a sentence that says why they are not at hand.

    Args:
        members: The models; the first that is a run says where its pictures were.
        ids: The cells that are looked at.
        data: Where the data set's folder is now; where it was if not given.
    """
    run = next((member.run for member in members.members if member.run is not None), None)
    if run is None:
        return NO_RUN
    cohort = load_cohort(RunFolder(run.folder).cohort, root=data)
    known = cohort.cells.filter(pl.col("id").is_in(list(ids)))
    missing = [path for path in known["path"] if not cohort.file(path).is_file()]
    if missing or known.height < len(set(ids)):
        lacking = len(missing) + len(set(ids)) - known.height
        return NOT_THERE.format(f"{counted(lacking, 'picture')} of {len(set(ids)):,}", cohort.root)
    description = description_of(cohort)
    return Pictures(cohort, None if description is None else description.crop)


def properties_of(pictures: Pictures, ids: Sequence[str]) -> pl.DataFrame:
    """Return what cells are like: ``id`` and ``PROPERTIES``, in the order of ``ids``.

    Measured on the pictures as they are, before any crop, so that the size of all cells has one scale where their
    pictures have.
    """
    shapes = pictures.read(ids, cell_shape)
    nothing = dict.fromkeys(PROPERTIES)
    rows = [{"id": name, **_row(shape, nothing)} for name, shape in zip(ids, shapes, strict=True)]
    return pl.DataFrame(rows, schema={"id": pl.String(), **PROPERTIES})


def write_error_sheets(pictures: Pictures, shown: pl.DataFrame, folder: MistakesFolder) -> None:
    """Write the sheets of pictures.

    Args:
        pictures: Where they are.
        shown: As ``mistakes.shown_table`` returns it.
        folder: The folder of the error analysis.
    """
    for name in SHEETS:
        rows = shown.filter(pl.col("sheet") == name)
        if rows.height:
            captions = ["\n".join(row) for row in rows.select("is", "said", "how_sure", "id").iter_rows()]
            picture_sheet(pictures.read(rows["id"].to_list(), pictures.shown), captions, folder.sheet(name))


def measured(pictures: Pictures | str, ids: Sequence[str]) -> tuple[Pictures | str, pl.DataFrame | None]:
    """Return the pictures and what the cells are like; where a picture is damaged, the reason and None."""
    if isinstance(pictures, str):
        return pictures, None
    try:
        return pictures, properties_of(pictures, ids)
    except DataError as error:
        return f"{error.what} ({error.where})" if error.where else error.what, None


def _row(shape: CellShape | None, nothing: dict[str, None]) -> dict[str, object]:
    return dict(nothing) if shape is None else asdict(shape)
