"""A stranger's table with its columns recognised and its rows numbered as in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table
from leukoscope.predictions.columns import Columns, recognise


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file.

    Args:
        path: The file.
        table: Its rows; every csv column is text.
        rows: The number of each row in the file, (n,): in a csv, whose header is row 1, the first is 2.
        columns: Where it has what.
    """

    path: Path
    table: pl.DataFrame
    rows: pl.Series
    columns: Columns

    @classmethod
    def read(cls, path: Path, asked: Mapping[str, str], classes: Iterable[str] = ()) -> Sheet:
        """Read a csv or parquet file and recognise its columns.

        Raises:
            DataError: the file is missing, damaged or empty.
        """
        table = read_table(path, text=True)
        if not table.height:
            raise DataError("This table has no rows.", where=str(path))
        first = 1 if path.suffix.lower() == ".parquet" else 2
        rows = pl.int_range(first, first + table.height, eager=True)
        return cls(path, table, rows, recognise(table, asked, classes))

    def get(self, role: str) -> pl.Series | None:
        """Return the column of a role as trimmed text, empty ones as null; None where there is none.

        Whole numbers lose their fraction: ``1.0`` is ``1``.
        """
        if role not in self.columns.roles:
            return None
        text = self.table[self.columns.roles[role]].cast(pl.String).str.strip_chars()
        text = text.str.replace(r"^(-?\d+)\.0+$", "${1}").alias(role)
        return text.set(text == "", None)

    def need(self, role: str, what: str) -> pl.Series:
        """Return the column of a role.

        Raises:
            DataError: there is none.
        """
        found = self.get(role)
        if found is None:
            has = ", ".join(self.table.columns)
            raise DataError(
                f"No column holds {what}; there are: {has}.", where=str(self.path), do=f"Name it: --column {role}=NAME."
            )
        return found

    def keep(self, mask: pl.Series) -> Sheet:
        """Return the sheet with some of its rows."""
        return replace(self, table=self.table.filter(mask), rows=self.rows.filter(mask))

    def take(self, places: pl.Series) -> Sheet:
        """Return the sheet with the rows at these places, in this order."""
        return replace(self, table=self.table[places], rows=self.rows.gather(places))

    def where(self, index: int) -> str:
        """Return where a row stands: ``labels.csv, row 7``."""
        return f"{self.path}, row {self.rows[index]}"

    def refuse(self, wrong: pl.Series, what: str, *, do: str | None = None) -> None:
        """Refuse rows.

        Args:
            wrong: Whether each row is wrong, (n,).
            what: What is wrong with the first.
            do: What to do about it.

        Raises:
            DataError: any row is wrong; it names the first and counts the rest.
        """
        found = wrong.arg_true()
        if len(found):
            raise DataError(what, where=self.where(found[0]), more=len(found) - 1, do=do)
