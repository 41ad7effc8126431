"""``leukoscope explain``: what networks look at in chosen cells, and whether one may believe the maps."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Device, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console


def explain(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs of cells; several stand side by side.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for seeing.html, the maps, the tables and the sheets.")],
    cells: Annotated[
        str | None, typer.Option(help="Names of cells, with commas between; chosen by a stated rule if left out.")
    ] = None,
    number: Annotated[int, typer.Option(min=1, help="How many cells are chosen.")] = 8,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="grad_cam, gradient_times_activation, integrated_gradients, occlusion; repeat. All if left out."
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(help="Layer to lay maps on, as timm names it; the last feature maps if left out."),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option("--class", help="Class that maps speak of; repeat. The one that the first run calls if left out."),
    ] = None,
    activations: Annotated[
        list[str] | None,
        typer.Option(help="Layer whose channels are shown of the first cell; repeat. The last maps if left out."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The first run's data set, where it has been moved.")] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    device: Device = "auto",
) -> None:
    """Show what the networks of finished runs look at in cells, and whether one may believe the maps."""
    from leukoscope.api import explain as explain_runs

    page = explain_runs(
        runs,
        out=out,
        cells=None if cells is None else [name.strip() for name in cells.split(",") if name.strip()],
        number=number,
        methods=method,
        layer=layer,
        classes=of,
        activations=activations,
        cohort=None if data is None else read_data(data, reader, option),
        device=device,
        command=shlex.join(["leukoscope", *sys.argv[1:]]),
    )
    console().print(f"Class maps: {page}", soft_wrap=True, markup=False)
