"""``leukoscope recipes``: the experiments that come along, and every setting's meaning."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

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
        from leukoscope.recipes.loading import load_recipe
        from leukoscope.recipes.showing import annotated

        console().print(annotated(load_recipe(name, changes or [])), markup=False, soft_wrap=True, end="")
    elif action in actions:
        actions[action]()
    else:
        raise SettingsError(f"recipes cannot {action!r}.", do="leukoscope recipes list | show NAME | fields")


def _list() -> None:
    from leukoscope.recipes.loading import load_recipe, recipe_names

    table = Table("name", "purpose", "repeats", "cost")
    for name in recipe_names():
        about = load_recipe(name).about
        table.add_row(name, about.purpose, about.paper or "", about.cost)
    console().print(table)


def _fields() -> None:
    from leukoscope.recipes.showing import settings_table

    table = Table("setting", "type", "default", "meaning")
    for row in settings_table().iter_rows():
        table.add_row(*row)
    console().print(table)
