"""``leukoscope split``: divide a data set into parts that share no patient and no picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import AllowLeakage, Data, Reader, ReaderOptions, parse_pairs, read_data
from leukoscope.cli.output import console
from leukoscope.errors import DataError, SettingsError


def split(
    data: Data,
    *,
    out: Annotated[
        Path, typer.Option(help="The table to write, .csv or .parquet: id, group, part; before them split, of several.")
    ],
    reader: Reader = None,
    option: ReaderOptions = None,
    kind: Annotated[str, typer.Option(help="holdout, official, file, folds, repeated or leave_one_out.")] = "holdout",
    by: Annotated[str, typer.Option(help="What stays together: patient or cell.")] = "patient",
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the split: test=0.3, folds=10, stratify=sex, on_twins=drop; repeat."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    allow_leakage: AllowLeakage = None,
) -> None:
    """Split a data set, prove that nothing leaks, and write the table that train takes.

    Of folds, repeats and patients left out it writes every one, unless a setting names one of them: fold=2, repeat=0,
    patient=17.
    """
    from leukoscope import api
    from leukoscope.cohort.splits import save_splits, told
    from leukoscope.files import TABLE_ENDINGS

    # First of all: to look at every picture takes long.
    if out.suffix.lower() not in TABLE_ENDINGS:
        raise DataError("A table must end in .csv or .parquet.", where=str(out), do="Name another --out.")
    named = parse_pairs(setting)
    if "kind" in named:
        raise SettingsError("The kind of a split is no setting of it.", where="--set kind", do="--kind folds")
    cohort = read_data(data, reader, option)
    made = api.splits(cohort, kind, allow_leakage=allow_leakage, **{"by": by, "seed": seed, **named})
    save_splits(made, out)
    leaking = any(one.leakage for one in made)
    console().print(told(made), soft_wrap=True, style="red" if leaking else None, markup=False)
