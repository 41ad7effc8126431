"""Sheets of class maps: a row a cell, a column a model and method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from leukoscope.explanation.overlay import Floats32, overlay
from leukoscope.explanation.seeing.drawing import Tile, write_tiles
from leukoscope.pictures.conversion import Pixels

SMOOTHED = 1 / 40


def smoothed(found: Floats32) -> Floats32:
    """Return a grainy map as the eye can read it: softened over a fortieth of its shorter side (Gauss's deviation)."""
    sigma = max(min(found.shape) * SMOOTHED, 1)
    return np.asarray(cv2.GaussianBlur(found, (0, 0), sigma), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class SeenMap:
    """A map to be shown.

    Args:
        picture: (h, w, 3) uint8, RGB: what the network saw of the cell.
        found: (h', w') float32.
        lines: What stands beneath.
        wrong: Whether the call is wrong, which the first line then shows in red.
    """

    picture: Pixels
    found: Floats32
    lines: tuple[str, ...]
    wrong: bool = False


@dataclass(frozen=True, eq=False)
class Column:
    r"""One model's maps by one method, on one scale.

    Args:
        head: What stands above; lines end with ``\n``.
        scale: From which absolute value on the colour is at its strongest, above 0.
        maps: One a row.
    """

    head: str
    scale: float
    maps: Sequence[SeenMap]


def write_map_sheet(
    path: Path, cells: Sequence[Tile], columns: Sequence[Column], *, title: str = "", alarm: str = ""
) -> Path:
    """Write a sheet: each row a cell, first as it is, then with its maps over it.

    Args:
        path: The png to write.
        cells: The cells, one a row.
        columns: The maps, each column of as many rows.
        title: What stands above all.
        alarm: What stands above all in red.
    """
    rows = []
    for place, cell in enumerate(cells):
        shown = [(column.maps[place], column.scale) for column in columns]
        tiles = [Tile(overlay(seen.picture, seen.found, scale), seen.lines, wrong=seen.wrong) for seen, scale in shown]
        rows.append([cell, *tiles])
    heads = ["The cell", *(column.head for column in columns)]
    return write_tiles(path, rows, title=title, heads=heads, alarm=alarm)
