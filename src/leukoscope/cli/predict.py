"""``leukoscope predict``: a bundle and pictures to a table of probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Device, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_warnings


def predict(
    bundle: Annotated[Path, typer.Argument(help="The bundle of a run: runs/first/bundle.")],
    pictures: Annotated[Path, typer.Argument(help="A picture, a folder of pictures, or with --reader a data set.")],
    *,
    out: Annotated[Path, typer.Option(help="The table to write, .csv or .parquet.")],
    reader: Reader = None,
    option: ReaderOptions = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures at a time.")] = 64,
    device: Device = "auto",
) -> None:
    """Say what each cell is, and how probable; pictures that cannot be read are listed with the reason."""
    from leukoscope import api

    source = pictures if reader is None else read_data(pictures, reader, option)
    summary = api.predict_to_file(bundle, source, out, batch=batch, device=device)
    print_warnings(summary.warnings)
    console().print(str(summary), soft_wrap=True, markup=False)
