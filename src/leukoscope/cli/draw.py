"""``leukoscope draw``: a data set of drawn cells, to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import parse_pairs
from leukoscope.cli.output import console


def draw(
    out: Annotated[Path, typer.Argument(help="The folder to write.")],
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="classes=8, patients=20, cells=50, size=128, background=smear.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the drawing.")] = 0,
) -> None:
    """Draw cells of drawn patients and write them as a data set (--reader drawn)."""
    from leukoscope import api

    console().print(api.draw(out, seed=seed, **parse_pairs(setting)), markup=False)
