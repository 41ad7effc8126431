"""``leukoscope errors``: which cells several models get wrong, and what these cells have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from leukoscope.cli.output import console


def errors(
    models: Annotated[
        list[Path],
        typer.Argument(help="Run folders, or tables of predictions whose column part says validation or test."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for errors.html, the tables and the pictures.")],
    part: Annotated[Literal["test", "validation"], typer.Option(help="The cells whose errors are looked at.")] = "test",
    data: Annotated[
        Path | None, typer.Option(help="The data set's folder now, where it was moved since the runs.")
    ] = None,
    replicates: Annotated[int, typer.Option(min=100, help="Bootstrap replicates.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
) -> None:
    """Look at the errors of one model or more: which cells, how alike, on what kind, which labels to recheck."""
    from leukoscope import api

    found = api.analyse_errors(models, out=out, part=part, data=data, replicates=replicates, seed=seed)
    console().print(str(found), soft_wrap=True, markup=False)
