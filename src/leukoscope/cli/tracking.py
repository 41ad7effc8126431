"""The option ``--track`` of verbs that train, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.output import console

if TYPE_CHECKING:
    from leukoscope.runs.run import Run
    from leukoscope.runs.tracking import Store

Track = Annotated[
    str | None,
    typer.Option(metavar="STORE", help="Record finished runs in MLflow too: a folder, or a server's address."),
]


def opened_store(place: str | None) -> Store | None:
    """Open the store before anything is trained; None where none was asked for."""
    if place is None:
        return None
    from leukoscope.runs.tracking import open_store

    return open_store(place)


def record_runs(runs: Iterable[Run], store: Store | None, experiment: str | None = None) -> None:
    """Record finished runs and say so, a line each; without a store nothing is done."""
    if store is None:
        return
    from leukoscope.runs.tracking import track

    for run in runs:
        console().print(str(track(run, store, experiment=experiment)), soft_wrap=True, markup=False)
