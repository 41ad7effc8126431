"""What is seen of fetching: the list of data sets, the steps that a person must take, what was fetched."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leukoscope.fetching.fetching import Fetched
from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import SOURCES


def list_of_sources() -> RenderableType:
    """Return the data sets as something that a rich console prints: those that can be fetched, and the others."""
    fetched = [source for source in SOURCES.values() if source.download is not None]
    others = [source for source in SOURCES.values() if source.download is None]
    return Group(
        Text("Fetched and checked for you", "bold"),
        _table(fetched),
        Text("leukoscope fetch NAME --out FOLDER\n", "dim"),
        Text("Only a person can get these: a licence to accept, or a program to install", "bold"),
        _table(others),
        Text("leukoscope fetch NAME prints the steps", "dim"),
    )


def _table(sources: list[Source]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True, min_width=16)
    table.add_column()
    for source in sources:
        what: list[RenderableType] = [Text(source.title)]
        about = f"{source.download.about}; " if source.download is not None else ""
        what.append(Text(f"{about}licence: {source.licence}", "dim"))
        table.add_row(source.name, Group(*what))
    return Padding(table, (0, 0, 0, 2))


def steps_by_hand(source: Source) -> RenderableType:
    """Return the steps that a person must take to get a data set, and what to do then.

    Args:
        source: The data set.
    """
    steps = Table.grid(padding=(0, 1, 0, 0))
    steps.add_column(justify="right", style="cyan", no_wrap=True)
    steps.add_column(overflow="fold")
    for number, step in enumerate(source.steps, 1):
        steps.add_row(f"{number}.", Text(step))
    then = f"leukoscope audit FOLDER --reader {source.name}"
    layout = [Text(line) for line in source.layout]
    return Group(
        Text(source.title, "bold"),
        Text(f"licence: {source.licence}"),
        Text(f"cite: {source.cite}\n"),
        steps,
        Text("\nWhat the reader expects", "bold"),
        Padding(Group(*layout), (0, 0, 1, 2)),
        Text.assemble("then: ", (then, "green")),
    )


def summary(fetched: Fetched) -> RenderableType:
    """Return what was fetched, how it was checked, and the next command.

    Args:
        fetched: The data set on disk.
    """
    source = fetched.source
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("where", str(fetched.path))
    for index, check in enumerate(fetched.checks):
        rows.add_row("" if index else "checked", Text(check))
    rows.add_row("licence", Text(source.licence))
    rows.add_row("cite", Text(source.cite))
    return Group(
        Text(source.title, "bold"),
        Padding(rows, (0, 0, 1, 2)),
        Text(repr(fetched.cohort)),
        Text.assemble("\nnext: ", (fetched.next_command, "green")),
    )
