"""``leukoscope split``: divide a data set into parts that share no patient and no picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import AllowLeakage, Data, Reader, ReaderOptions, parse_pairs, read_data
from leukoscope.cli.output import console


def split(
    data: Data,
    *,
    out: Annotated[Path, typer.Option(help="The table to write, .csv: id, group, part.")],
    reader: Reader = None,
    option: ReaderOptions = None,
    kind: Annotated[str, typer.Option(help="holdout, official or file.")] = "holdout",
    by: Annotated[str, typer.Option(help="What stays together: patient or cell.")] = "patient",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the split: test=0.3, places='{train: fold_0}'.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    allow_leakage: AllowLeakage = None,
) -> None:
    """Split a data set, prove that nothing leaks, and write the table that train takes."""
    from leukoscope import api

    cohort = read_data(data, reader, option)
    made = api.split(cohort, kind, allow_leakage=allow_leakage, **{"by": by, "seed": seed, **parse_pairs(setting)})
    made.save(out)
    console().print(str(made), soft_wrap=True, style="red" if made.leakage else None, markup=False)
