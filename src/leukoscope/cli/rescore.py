"""``leukoscope rescore``: a finished run's weights, scored with other views, threshold or referral."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Changes, Device, Reader, ReaderOptions, Store, read_data
from leukoscope.cli.output import console
from leukoscope.errors import SettingsError


def rescore(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The folder of the new run.")] = None,
    changes: Changes = None,
    data: Annotated[
        Path | None, typer.Option(help="The data set, where its pictures have been moved since the run.")
    ] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    store: Store = None,
    device: Device = "auto",
) -> None:
    """Score the same trained weights with other test_time, threshold, refer or reference settings.

    Nothing is trained: cells, split and weights are the run's own, so the two runs are an exact pair. The threshold is
    chosen anew on validation.
    """
    if out is None:
        do = f"leukoscope rescore {run} --set test_time.rotations=1 --out runs/again"
        raise SettingsError("The new run needs a folder.", do=do)
    from leukoscope import api

    again = api.rescore(
        run,
        None if data is None else read_data(data, reader, option),
        out=out,
        changes=changes or [],
        store=store,
        device=device,
        command=shlex.join(["leukoscope", *sys.argv[1:]]),
        show=True,
    )
    console().print(str(again), soft_wrap=True, style="red" if again.record["leakage"] else None, markup=False)
