"""``leukoscope datasets``: the data sets that can be read, where they come from, what is known of them."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.table import Table

from leukoscope.cli.options import AsJson
from leukoscope.cli.output import console
from leukoscope.errors import SettingsError, nearest


def datasets(
    name: Annotated[str | None, typer.Argument(help="One data set, whole; all in a line each where not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the data sets, or show one with its sources and where papers contradict each other or the data."""
    from leukoscope.cohort.readers import READERS

    if name is not None and name not in READERS:
        raise SettingsError(f"There is no data set {name!r}.", do=nearest(name, READERS))
    chosen = {key: reader.description.as_json() for key, reader in READERS.items() if name in {None, key}}
    if as_json:
        sys.stdout.write(json.dumps(chosen, indent=1, ensure_ascii=False) + "\n")
    elif name is None:
        table = Table("name", "what", "source", "licence", show_lines=False)
        for key, about in chosen.items():
            table.add_row(key, about["title"], about["source"], about["licence"])
        console().print(table)
    else:
        _show(name, chosen[name])


def _show(name: str, about: dict[str, object]) -> None:
    console().print(f"[bold]{name}[/]")
    for key, value in about.items():
        values = value if isinstance(value, list) else [value]
        for index, line in enumerate(values):
            console().print(f"{'' if index else key:>16}  {line}", markup=False, soft_wrap=True)
