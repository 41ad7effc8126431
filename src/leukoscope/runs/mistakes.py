"""An error analysis as an object: its tables, its cautions, its page."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import SettingsError, counted, nearest
from leukoscope.files import read_formatted, read_table
from leukoscope.reports.mistakes_folder import TABLES, MistakesFolder
from leukoscope.reports.mistakes_tables import read_mistakes

FORMAT = 1
OF_OWN_COLUMNS = ("missed", "properties")


@dataclass(frozen=True)
class Mistakes:
    """What the error analysis of several models left behind.

    Args:
        folder: Its folder.

    Raises:
        DataError: the folder holds no error analysis, or one of another format.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        _ = self.record  # a folder of something else is told now and not in the middle

    @property
    def record(self) -> dict[str, Any]:
        """Which models, which cells, how intervals were made (``errors.json``)."""
        return read_formatted(
            MistakesFolder(self.folder).record, FORMAT, "error analysis", do="Name the --out of errors."
        )

    @property
    def page(self) -> Path:
        """The page to open in a browser."""
        return MistakesFolder(self.folder).page

    def table(self, name: str) -> pl.DataFrame:
        """Return one of the tables: ``missed``, ``how_many``, ``pairs``, ``by_group``, ``label_errors``, ...

        Raises:
            SettingsError: there is no such table.
            DataError: it is missing (``properties`` where no picture was at hand) or damaged.
        """
        if name not in TABLES:
            raise SettingsError(f"There is no table {name!r}.", do=nearest(name, TABLES))
        place = MistakesFolder(self.folder)
        if name in OF_OWN_COLUMNS:
            return read_table(place.table(name))
        return pl.DataFrame(read_mistakes(place, name), infer_schema_length=None)

    def __repr__(self) -> str:
        record = self.record
        models = record["models"]
        cells = f"{record['cells']:,} cells of the {record['part']} part ({_patients(record['patients'])})"
        lines = [f"Errors of {counted(len(models), 'model')} on {cells}"]
        lines += [f"  LEAKAGE: {record['leakage']}"] if record["leakage"] else []
        lines += [f"  caution: {note}" for note in record["notes"]]
        lines += [f"  without pictures: {record['pictures']}"] if record["pictures"] else []
        return "\n".join([*lines, *self._counts(len(models)), f"  page: {self.page}"])

    def _repr_html_(self) -> str:
        colour = ' style="color:#b00020"' if self.record["leakage"] else ""
        return f"<pre{colour}>{html.escape(repr(self))}</pre>"

    def _counts(self, models: int) -> list[str]:
        place = MistakesFolder(self.folder)
        mark = " LEAKAGE" if self.record["leakage"] else ""
        found = {row["missed_by"]: row["cells"] for row in read_mistakes(place, "how_many") if row["label"] is None}
        lines = [
            f"  missed by {'none' if number == 0 else f'{number} of {models}'}: {cells:,}{mark}"
            for number, cells in found.items()
        ]
        again = len(read_mistakes(place, "label_errors"))
        return [*lines, f"  to look at again (likely label errors): {again:,}{mark}"]


def _patients(number: int | None) -> str:
    return "patients not known" if number is None else counted(number, "patient")
