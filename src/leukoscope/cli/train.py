"""``leukoscope train``: one recipe from pictures to report."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import AllowLeakage, Changes, Device, Reader, ReaderOptions, Seed, Store, read_data
from leukoscope.cli.output import console
from leukoscope.cli.tracking import Track, opened_store, record_runs
from leukoscope.errors import SettingsError


def train(
    recipe: Annotated[str | None, typer.Argument(help="A recipe's name or YAML file; left out with --resume.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The run's folder.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="The data set; left out, a recipe with drawn cells draws them.")
    ] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    weights: Annotated[Path | None, typer.Option(help="A folder or file with pretrained weights.")] = None,
    start_from: Annotated[
        str | None, typer.Option(help="A finished run, or its bundle, to start from; its framing comes along.")
    ] = None,
    changes: Changes = None,
    seed: Seed = None,
    allow_leakage: AllowLeakage = None,
    store: Store = None,
    device: Device = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    track: Track = None,
) -> None:
    """Train, choose the threshold on validation, score the test part once, write the report.

    Everything that was done stands in the run's folder; copying the folder copies the run.
    """
    if out is None:
        raise SettingsError("The run needs a folder.", do="--out runs/first")
    if recipe is None and not resume:
        raise SettingsError("Which recipe? 'leukoscope recipes' lists them.", do="leukoscope train quick --data …")
    from leukoscope import api

    tracking = opened_store(track)
    cohort = None if data is None else read_data(data, reader, option)
    run = api.train(
        recipe,
        cohort,
        out=out,
        weights=weights,
        changes=[*([] if start_from is None else [f"start_from={json.dumps(start_from)}"]), *(changes or [])],
        seed=seed,
        allow_leakage=allow_leakage,
        store=store,
        device=device,
        resume=resume,
        command=shlex.join(["leukoscope", *sys.argv[1:]]),
        show=True,
    )
    console().print(str(run), soft_wrap=True, style="red" if run.record["leakage"] else None, markup=False)
    record_runs([run], tracking)
