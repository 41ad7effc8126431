"""``leukoscope audit``: what is wrong with a data set, before anything is trained on it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import AsJson, Data, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_notes


def audit(
    data: Data,
    *,
    reader: Reader = None,
    option: ReaderOptions = None,
    crop: Annotated[
        int | None, typer.Option(min=1, help="Side of the centre crop in pixels; the data set's own.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for audit.html, a page with the pictures, audit.json and the tables.")
    ] = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything was found.")] = False,
) -> None:
    """Count, and look for unreadable, identical, odd and contradictory pictures."""
    from leukoscope import api
    from leukoscope.audit.terminal import as_terminal

    found = api.audit_cohort(read_data(data, reader, option), crop=crop, out=out)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
    else:
        console().print(as_terminal(found))
    if out is not None:
        print_notes([f"the page with the pictures: {out / 'audit.html'}"])
    if strict and found.failures:
        raise typer.Exit(1)
