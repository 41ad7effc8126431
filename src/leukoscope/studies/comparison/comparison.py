"""A comparison as an object: its tests, what differs, its cautions."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.files import read_formatted
from leukoscope.reports.comparison_folder import ComparisonFolder
from leukoscope.reports.comparison_tables import read_differences, read_runs, read_tests
from leukoscope.reports.comparison_words import TESTS, kind_of_test
from leukoscope.studies.comparison.wording import USUAL

FORMAT = 1
MOST_LINES = 12


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` left behind.

    Args:
        folder: The comparison's folder.

    Raises:
        DataError: the folder holds no comparison, or one of another format.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))
        _ = self.record  # a folder of something else is told now and not in the middle

    @property
    def place(self) -> ComparisonFolder:
        """The names of the files in the folder."""
        return ComparisonFolder(self.folder)

    @property
    def record(self) -> dict[str, Any]:
        """What was compared and how (``comparison.json``)."""
        return read_formatted(self.place.record, FORMAT, "comparison", do="Name the --out of compare.")

    @property
    def table(self) -> pl.DataFrame:
        """One row a test; see ``comparison_tables.TABLE``."""
        return read_tests(self.place.table)

    @property
    def differences(self) -> pl.DataFrame:
        """One row a setting that differs; see ``differences.differences_table``."""
        return read_differences(self.place.differences)

    @property
    def runs(self) -> pl.DataFrame:
        """One row a run with its scores; see ``runs_table.runs_table``."""
        return read_runs(self.place.runs)

    @property
    def cautions(self) -> list[str]:
        """What must be known before any p is read."""
        return list(self.record["cautions"])

    @property
    def page(self) -> Path:
        """The page to open in a browser."""
        return self.place.page

    def __repr__(self) -> str:
        record = self.record
        names = [side["name"] for side in record["sides"]]
        lines = [f"Comparison {self.folder}: {names[0]} against {', '.join(names[1:])} ({record['part']} part)"]
        lines += [f"  LEAKAGE: {reason}" for reason in record["leakage"]]
        lines += [f"  caution: {caution}" for caution in record["cautions"]]
        for question, asked in record["questions"].items():
            lines += _lines(asked, self.table.filter(pl.col("question") == question))
        return "\n".join([*lines, f"  page: {self.page}"])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def _lines(asked: str, rows: pl.DataFrame) -> list[str]:
    if rows.height > MOST_LINES:
        shown = rows.filter(pl.col("p_holm") <= USUAL).height
        count = f"{rows.height} tests, {shown} of them beyond chance after Holm's correction"
        return [f"  {asked}", f"    {count}: see the page"]
    said = []
    for row in rows.iter_rows(named=True):
        runs = "" if row["first_run"] is None else f" ({row['first_run']}, {row['second_run']})"
        said.append(f"    {TESTS[kind_of_test(row)]}, {row['first']} against {row['second']}{runs}: {row['words']}")
    return [f"  {asked}", *said] if said else []
