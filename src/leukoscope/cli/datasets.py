"""``leukoscope datasets``: the data sets that can be read, where they come from, what is known of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from leukoscope.cli.options import AsJson
from leukoscope.cli.output import console
from leukoscope.errors import SettingsError, counted, nearest

if TYPE_CHECKING:
    from leukoscope.cohort.readers import Reader
    from leukoscope.cohort.readers.known_links import KnownLink


def datasets(
    name: Annotated[str | None, typer.Argument(help="One data set, whole; all in a line each where not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the data sets, or show one with its sources and where papers contradict each other or the data."""
    from leukoscope.cohort.readers import READERS

    if name is not None and name not in READERS:
        raise SettingsError(f"There is no data set {name!r}.", do=nearest(name, READERS))
    chosen = [reader for key, reader in READERS.items() if name in {None, key}]
    if as_json:
        found = {reader.name: reader.as_json() for reader in chosen}
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    elif name is None:
        table = Table("name", "what", "source", "licence")
        for reader in chosen:
            about = reader.description
            table.add_row(reader.name, about.title, about.source, about.licence)
        console().print(table)
    else:
        _show(chosen[0])


def _show(reader: Reader) -> None:
    about = reader.description
    classes = about.classes
    lines = {
        "what": [f"{about.title}. {about.contents}"],
        "layout": [about.layout],
        "sources": about.sources,
        "licence": [about.licence],
        "classes": [f"{key}: {classes.title(key)}" for key in classes.names] if classes else [],
        "official parts": [f"{part}: {', '.join(places)}" for part, places in about.official.items()],
        "centre crop": [f"{about.crop} px"] if about.crop else [],
        "contradictions": about.contradictions,
        "links": [about.links] if about.links else [],
        "linked groups": [", ".join(group) for group in about.known_groups],
        "known links": [_link(link) for link in about.known_links],
        "options": [f"{option.name} (default {option.default!r}): {option.meaning}" for option in reader.options],
    }
    table = Table("", reader.name, show_header=True, box=None, padding=(0, 2, 0, 0))
    for key, texts in lines.items():
        for index, text in enumerate(texts):
            table.add_row("" if index else key, escape(text))
    console().print(table)


def _link(link: KnownLink) -> str:
    pictures = counted(link.pictures, "picture")
    return f"{link.patient_a} and {link.patient_b}: {pictures}, {link.kind}. {link.reason}"
