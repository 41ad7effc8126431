"""What an extraction is: its folder, what was found, what is to be known of it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import read_cohort
from leukoscope.errors import SettingsError, counted

CELLS, FIELDS, RECORD, PICTURES = "cells.csv", "fields.csv", "extract.json", "pictures"
FIELDS_SHEET, CELLS_SHEET = "fields.png", "cells.png"


@dataclass(frozen=True)
class Extraction:
    """White cells of fields, as a data set.

    Args:
        folder: Where ``cells.csv``, ``fields.csv``, ``pictures/`` and the sheets lie.
        fields: Fields that were searched.
        cells: White cells that were written.
        cut_off: How many were found that the edge of their field cuts off; ``whole`` says whether they were written.
        damaged: Fields that could not be searched; ``fields.csv`` says why.
        red_cell: Diameter of a red cell in px of the fields; None where each field was measured by itself.
        size: Side of the squares in px.
        scale: Px of a square for each px of the field.
        whole: Whether cells that the edge cuts off were left out.
        seconds: How long it took.
        warnings: What whoever uses the cells must know, a sentence each.
        notes: What was guessed or passed over, a sentence each.
    """

    folder: Path
    fields: int
    cells: int
    cut_off: int
    damaged: int
    red_cell: float | None
    size: int
    scale: float
    whole: bool
    seconds: float
    warnings: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def table(self) -> Path:
        """The table of cells, which every verb takes with the reader ``table``, and ``predict`` as it is."""
        return self.folder / CELLS

    def cohort(self, classes: Sequence[str]) -> Cohort:
        """Read the cells as a cohort; they have labels where ``cells.csv`` was filled in.

        Args:
            classes: The names of the classes, two at least: those of a bundle, or those that labels name.

        Raises:
            DataError: the table is gone, or no cell was found.
            SettingsError: fewer than two classes.
        """
        if len(classes) < 2:  # noqa: PLR2004 - a pair
            raise SettingsError("Name the classes that cells may have, two at least.")
        return read_cohort(self.table, "table", classes=list(classes))

    def __repr__(self) -> str:
        edge = f"{self.cut_off:,} {'more' if self.whole else 'of them'} cut off by a field's edge"
        edge = f", {edge}{' left out' if self.whole else ''}" if self.cut_off else ""
        found = f"{counted(self.cells, 'white cell')} in {counted(self.fields, 'field')}{edge}"
        lines = [f"{found}, in {self.seconds:.0f} s: {self.table}"]
        lines += [f"  fields that could not be searched: {self.damaged:,} ({FIELDS})"] if self.damaged else []
        lines += [f"  look at: {self.folder / FIELDS_SHEET}"]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
