"""``leukoscope extract``: whole fields of a smear to a data set of single cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from leukoscope.cli.options import Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_warnings
from leukoscope.errors import SettingsError


def extract(
    fields: Annotated[
        list[Path], typer.Argument(help="A folder of fields, pictures of fields, or with --reader a data set.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for cells.csv, the pictures and the sheets to look at.")],
    size: Annotated[
        int | None,
        typer.Option(help="Side of the squares in px; else what the bundle crops to, else four red cells."),
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="The bundle that is to see the cells.")] = None,
    scale: Annotated[
        float, typer.Option(help="Px of a square for each px of the field: 0.5 halves the magnification.")
    ] = 1.0,
    mask: Annotated[
        Literal["nucleus", "cell"] | None, typer.Option(help="Show this alone, on black; everything if left out.")
    ] = None,
    backend: Annotated[
        Literal["colour", "cellpose"], typer.Option(help="What finds the cells; Cellpose where it is installed.")
    ] = "colour",
    red_cell: Annotated[
        float | None, typer.Option(help="Diameter of a red cell in px of the fields; measured if left out.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Leave out the cells that a field's edge cuts off.")] = False,
    by_folder: Annotated[
        bool, typer.Option("--by-folder", help="Each folder within the folder of fields is a patient.")
    ] = False,
    reader: Reader = None,
    option: ReaderOptions = None,
) -> None:
    """Find the white cells of whole fields and write each with its place, as a data set that the other verbs take."""
    from leukoscope import api

    if reader is not None and len(fields) > 1:
        raise SettingsError("With --reader there is one data set, not several.", do="Name it alone.")
    named = fields[0] if len(fields) == 1 else fields
    found = api.extract(
        named if reader is None else read_data(fields[0], reader, option),
        out,
        size=size,
        bundle=bundle,
        scale=scale,
        mask=mask,
        backend=backend,
        red_cell=red_cell,
        whole=whole,
        by_folder=by_folder,
    )
    print_warnings(found.warnings)
    console().print(str(found), soft_wrap=True, markup=False)
