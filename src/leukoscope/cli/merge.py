"""``leukoscope merge``: two data sets as one, the second's cells under the first's classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Data, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_notes


def merge(
    data: Data,
    other: Annotated[Path, typer.Argument(help="The data set that is added.")],
    *,
    out: Annotated[Path, typer.Option(help="The cohort file to write, .parquet; every verb takes it as DATA.")],
    class_map: Annotated[
        str | None,
        typer.Option("--map", help="pbc_to_matek, or a YAML file; classes of the same names where not given."),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="The added cells' column that the map looks up; the map's own, or label.")
    ] = None,
    training_only: Annotated[bool, typer.Option("--training-only", help="Only train on what is added.")] = False,
    prefix: Annotated[
        str | None, typer.Option(help="What the added names begin with; the name of the data set where not given.")
    ] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    other_reader: Annotated[str | None, typer.Option(help="As --reader, for the data set that is added.")] = None,
    other_option: Annotated[
        list[str] | None, typer.Option("--other-option", help="As --option, for the data set that is added.")
    ] = None,
) -> None:
    """Add a data set to another by a map of classes, and write the cohort; the pictures stay where they are."""
    from leukoscope import api
    from leukoscope.cohort.storage import refuse_other_ending

    refuse_other_ending(out)  # before the data sets are read, which can take long
    base, added = read_data(data, reader, option), read_data(other, other_reader, other_option)
    merged = api.merge(base, added, class_map, by=by, training_only=training_only, prefix=prefix, out=out)
    print_notes(merged.notes[len(base.notes) + len(added.notes) :])
    console().print(repr(merged).split("\n  note: ", maxsplit=1)[0], markup=False)
