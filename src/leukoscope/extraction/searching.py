"""Many fields at a time: each is read, searched, cut and drawn in a thread, so that only its few cells are kept."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from leukoscope.errors import DataError
from leukoscope.extraction.squares import Cutting, Square, ground_of, square_about
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode_content, quiet, read_content
from leukoscope.pictures.white_cells import Finder, WhiteCell
from leukoscope.threads import in_threads

AHEAD = 2
"""Fields a worker that may wait."""
SHOWN = 480
"""Px of the shorter side of a field on the sheet."""
BOX = (214, 30, 40)


@dataclass(frozen=True)
class Task:
    """A field to search.

    Args:
        path: The file.
        shown: Whether the field is wanted for the sheet.
    """

    path: Path
    shown: bool = False


@dataclass(frozen=True)
class Search:
    """How every field is searched.

    Args:
        finder: What finds white cells.
        red_cell: Diameter of a red cell in px; None: measured in each field.
        cutting: How cells are cut out.
    """

    finder: Finder
    red_cell: float | None
    cutting: Cutting


@dataclass(frozen=True, eq=False)
class Found:
    """What is in a field.

    Args:
        height: Of the field, px; 0 where it cannot be searched.
        width: Likewise.
        cells: Its white cells.
        squares: Of each cell its square.
        sheet: (h, w, 3) uint8, RGB, the field with boxes; None where it was not wanted.
        problem: Why it could not be searched; None where it was.
    """

    height: int = 0
    width: int = 0
    cells: tuple[WhiteCell, ...] = ()
    squares: tuple[Square, ...] = ()
    sheet: Pixels | None = None
    problem: str | None = None


def search_all(tasks: Iterable[Task], search: Search, workers: int | None = None) -> Generator[Found]:
    """Search fields in threads and give what was found in their order; only a few fields are in memory at a time.

    Args:
        tasks: The fields.
        search: How.
        workers: Threads; one a core where None.
    """
    with quiet():
        yield from in_threads(lambda task: search_one(task, search), tasks, ahead=AHEAD, workers=workers)


def search_one(task: Task, search: Search) -> Found:
    """Search one field; what is wrong with it stands in ``problem``.

    Args:
        task: The field.
        search: How.
    """
    try:
        return search_pixels(decode_content(read_content(task.path)).pixels, search, shown=task.shown)
    except DataError as error:
        return Found(problem=error.what)


def search_pixels(pixels: Pixels, search: Search, *, shown: bool = False) -> Found:
    """Search a field that is in memory.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        search: How.
        shown: Whether the field is wanted for the sheet.

    Raises:
        DataError: it cannot be searched.
    """
    cells = search.finder(pixels, search.red_cell)
    ground = ground_of(pixels)
    squares = [square_about(cell, pixels, ground, search.cutting) for cell in cells]
    sheet = boxed(pixels, cells) if shown else None
    height, width = pixels.shape[:2]
    return Found(height, width, tuple(cells), tuple(squares), sheet)


def boxed(pixels: Pixels, cells: Iterable[WhiteCell]) -> Pixels:
    """Return a field, its shorter side shrunk to 480 px at most, with a box about each cell.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        cells: Its cells.
    """
    scale = min(SHOWN / min(pixels.shape[:2]), 1.0)
    size = (max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1))
    sized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    shown: Pixels = np.array(sized, dtype=np.uint8)
    for cell in cells:
        left, top, right, bottom = (round(side * scale) for side in cell.box)
        cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), BOX, 2)
    return shown
