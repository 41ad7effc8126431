"""``leukoscope fetch``: get a public data set, or say what a person must do to get it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.output import console


def fetch(
    name: Annotated[str | None, typer.Argument(help="A data set; all that are known are listed if left out.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The folder to put it into; data/NAME if left out.")] = None,
    size: Annotated[str | None, typer.Option(help="Side of the pictures in pixels: bloodmnist has 28 to 224.")] = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            "--from", envvar="LEUKOSCOPE_MIRROR", help="Another address: of the file, or of the folder it lies in."
        ),
    ] = None,
) -> None:
    """Fetch a public data set, check it, and read it; for those that need a person, print the steps."""
    from leukoscope import fetching
    from leukoscope.fetching.terminal import list_of_sources, steps_by_hand, summary

    if name is None:
        console().print(list_of_sources())
        return
    source = fetching.named_source(name)
    if source.download is None:
        console().print(steps_by_hand(source))
        return
    folder = out if out is not None else Path("data") / name
    console().print(summary(fetching.fetch(name, folder, size=size, mirror=mirror)), soft_wrap=False)
