"""``leukoscope recipes``: the experiments that come along, and every setting's meaning."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from leukoscope.cli.options import Changes
from leukoscope.cli.output import console
from leukoscope.errors import SettingsError


def recipes(
    action: Annotated[str, typer.Argument(help="list, show (with a NAME) or fields.")] = "list",
    name: Annotated[str | None, typer.Argument(help="A recipe's name or YAML file.")] = None,
    changes: Changes = None,
) -> None:
    """List the recipes, show one with the meaning of each line, or list every setting there is."""
    actions = {"list": _list, "fields": _fields}
    if action == "show" and name is not None:
        _show(name, changes or [])
    elif action in actions:
        actions[action]()
    else:
        raise SettingsError(f"recipes cannot {action!r}.", do="leukoscope recipes list | show NAME | fields")


def _show(name: str, changes: list[str]) -> None:
    from leukoscope.recipes.loading import load_any, patch_names
    from leukoscope.recipes.showing import annotated

    patches = ", ".join(f"--set patch={patch}" for patch in patch_names(name))
    head = f"# Its patches: {patches}.\n" if patches else ""
    console().print(head + annotated(load_any(name, changes)), markup=False, soft_wrap=True, end="")


def _list() -> None:
    from leukoscope.recipes.loading import ensemble_names, load_any, patch_names, recipe_names

    table = Table(Column("name", no_wrap=True), "purpose", "repeats", "patches", "cost")
    for name in sorted([*recipe_names(), *ensemble_names()]):
        about = load_any(name).about
        row = (name, about.purpose, about.paper or "", ", ".join(patch_names(name)), about.cost)
        table.add_row(*map(escape, row))
    console().print(table)


def _fields() -> None:
    from leukoscope.recipes.showing import settings_table

    table = Table(*(Column(head, overflow="fold") for head in ("setting", "type", "default", "meaning")))
    for row in settings_table().iter_rows():
        table.add_row(*map(escape, row))
    console().print(table)
