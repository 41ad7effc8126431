"""What is written of each field: its cells' pictures, their rows, its own row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl

from leukoscope.extraction.extraction import CELLS, FIELDS, PICTURES
from leukoscope.extraction.searching import Found
from leukoscope.extraction.squares import Square
from leukoscope.files import write_table
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.white_cells import WhiteCell

CELLS_ON_SHEET, TILE = 60, 160
CELL_SCHEMA = {
    "id": pl.String,
    "path": pl.String,
    "label": pl.String,
    "patient": pl.String,
    "field": pl.String,
    "left": pl.Int64,
    "top": pl.Int64,
    "right": pl.Int64,
    "bottom": pl.Int64,
    "cut_off": pl.Int64,
    "cell_area": pl.Int64,
    "nucleus_area": pl.Int64,
    "square_left": pl.Int64,
    "square_top": pl.Int64,
    "square_side": pl.Int64,
    "padded": pl.Float64,
}
"""Lengths in px of the field; ``padded`` is the share of the square beyond the field; ``label`` is to be filled in."""
FIELD_SCHEMA = {
    "field": pl.String,
    "path": pl.String,
    "patient": pl.String,
    "width": pl.Int64,
    "height": pl.Int64,
    "cells": pl.Int64,
    "problem": pl.String,
}


class Writer:
    """Writes fields as they come, and counts.

    Args:
        folder: Where to.
        whole: Whether cells that the field's edge cuts off are left out.
    """

    def __init__(self, folder: Path, *, whole: bool) -> None:
        self.folder, self.whole = folder, whole
        self.fields = self.damaged = self.cells = self.cut_off = 0
        self.first: tuple[str, str] | None = None
        self.shown_fields: list[tuple[str, Pixels]] = []
        self.shown_cells: list[tuple[str, Pixels]] = []
        self._cell_rows: list[tuple[Any, ...]] = []
        self._field_rows: list[tuple[Any, ...]] = []

    def pass_over(self, row: dict[str, Any]) -> None:
        """Note a field that is not searched.

        Args:
            row: Of ``Fields.table``, with its problem.
        """
        self.fields, self.damaged = self.fields + 1, self.damaged + 1
        self.first = self.first or (row["path"], row["problem"])
        self._field_rows.append((row["field"], row["path"], row["patient"], None, None, None, row["problem"]))

    def add(self, row: dict[str, Any], found: Found) -> None:
        """Write the cells of a field.

        Args:
            row: Of ``Fields.table``.
            found: What is in it.
        """
        if found.problem is not None:
            self.pass_over({**row, "problem": found.problem})
            return
        self.fields += 1
        pairs = list(zip(found.cells, found.squares, strict=True))
        self.cut_off += sum(cell.cut_off for cell in found.cells)
        kept = [(cell, square) for cell, square in pairs if not (self.whole and cell.cut_off)]
        self._field_rows.append((row["field"], row["path"], row["patient"], found.width, found.height, len(kept), None))
        for number, (cell, square) in enumerate(kept, start=1):
            self._add_cell(f"{row['field']}_{number:02d}", row, cell, square)
        if found.sheet is not None:
            self.shown_fields.append((row["field"], found.sheet))

    def close(self) -> None:
        """Write the tables."""
        write_table(self.folder / CELLS, pl.DataFrame(self._cell_rows, schema=CELL_SCHEMA, orient="row"))
        write_table(self.folder / FIELDS, pl.DataFrame(self._field_rows, schema=FIELD_SCHEMA, orient="row"))

    def _add_cell(self, name: str, row: dict[str, Any], cell: WhiteCell, square: Square) -> None:
        path = f"{PICTURES}/{self._inside(name)}.png"
        _, coded = cv2.imencode(".png", cv2.cvtColor(square.pixels, cv2.COLOR_RGB2BGR))
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(coded.tobytes())
        areas = (int(cell.cell.sum()), int(cell.nucleus.sum()))
        place = (square.left, square.top, square.side, round(square.padded, 4))
        self._cell_rows.append(
            (name, path, None, row["patient"], row["field"], *cell.box, int(cell.cut_off), *areas, *place)
        )
        self.cells += 1
        if len(self.shown_cells) < CELLS_ON_SHEET:
            self.shown_cells.append((name, _small(square.pixels)))

    def _inside(self, name: str) -> str:
        """Return a name that stays within the folder, whatever a table calls its fields."""
        parts = [part for part in re.split(r"[\\/:]", name) if part not in {"", ".", ".."}]
        plain = "/".join(parts)
        return plain if plain == name else f"{plain}_{self.cells + 1}"


def _small(pixels: Pixels) -> Pixels:
    if len(pixels) <= TILE:
        return pixels
    return np.asarray(cv2.resize(pixels, (TILE, TILE), interpolation=cv2.INTER_AREA))
