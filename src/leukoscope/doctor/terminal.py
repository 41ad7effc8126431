"""An examination for the terminal: under each topic a line a thing, with its verdict and what to do."""

from __future__ import annotations

from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leukoscope.doctor.examination import Examination
from leukoscope.doctor.row import Row
from leukoscope.errors import counted

STYLES = {"ok": "green", "note": "yellow", "problem": "bold red"}


def as_terminal(found: Examination) -> RenderableType:
    """Return an examination as something that a rich console prints.

    Args:
        found: The examination.
    """
    parts: list[RenderableType] = []
    width = max(len(row.name) for row in found.rows)
    for topic, rows in groupby(found.rows, key=lambda row: row.topic):
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, min_width=max(map(len, STYLES)))
        table.add_column(no_wrap=True, min_width=width)
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(Text(row.verdict, STYLES[row.verdict]), row.name, _told(row))
        parts += [Text(topic, "bold"), Padding(table, (0, 0, 1, 2))]
    return Group(*parts, _verdict(found))


def _told(row: Row) -> RenderableType:
    return Group(Text(row.value), *([Text(row.do, "italic dim")] if row.do else []))


def _verdict(found: Examination) -> Text:
    problems = sum(row.verdict == "problem" for row in found.rows)
    notes = sum(row.verdict == "note" for row in found.rows)
    if problems:
        return Text(f"Leukoscope can't work here yet: {counted(problems, 'problem')}.", STYLES["problem"])
    if notes:
        return Text(f"Leukoscope works here; {counted(notes, 'note')} above.", "green")
    return Text("Leukoscope works here.", "green")
