"""``leukoscope sweep``: many runs of a recipe, by seeds and by the values of some settings."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml

from leukoscope.cli.options import AllowLeakage, Changes, Device, Reader, ReaderOptions, Store, read_data
from leukoscope.cli.output import console
from leukoscope.cli.tracking import Track, opened_store, record_runs
from leukoscope.errors import SettingsError

EXAMPLES = {
    "--grid": "bag.cells=5,10",
    "--rescore": "test_time.rotations=1",
    "--choose": "stages.0.rates=1e-3,1e-4",
}


def sweep(
    recipe: Annotated[str, typer.Argument(help="A recipe's name or YAML file.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The study's folder.")] = None,
    seeds: Annotated[
        str | None, typer.Option(help="How many seeds (5), or which (0,3,7); 5 where not given, 1 with --folds.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help="Cross-validation: each of so many folds is the test part of one run.")
    ] = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(help="Values of a setting: bag.aggregator=mean,max,{top_k: {k: 10}}; repeat for combinations."),
    ] = None,
    rescore: Annotated[
        list[str] | None,
        typer.Option(help="Score each run's weights with this too, untrained: test_time.rotations=1; repeat."),
    ] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option(help="Try values on the first seed, keep the best on validation: stages.0.rates=1e-3,1e-4."),
    ] = None,
    changes: Changes = None,
    split_seed: Annotated[
        Literal["run", "fixed"], typer.Option(help="run: the seed moves the split; fixed: one split for all.")
    ] = "run",
    data: Annotated[
        Path | None, typer.Option(help="The data set; left out, a recipe with drawn cells draws them.")
    ] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    weights: Annotated[Path | None, typer.Option(help="A folder or file with pretrained weights.")] = None,
    allow_leakage: AllowLeakage = None,
    store: Store = None,
    device: Device = "auto",
    peek: Annotated[
        bool,
        typer.Option("--peek", help="Repeat the published protocol too, marked as peeking, beside the honest one."),
    ] = False,
    track: Track = None,
) -> None:
    """Run a recipe with many seeds and settings, one folder each, and sum them up on one page.

    Settings of --rescore and --choose may be for one recipe of the grid: quick:test_time.rotations=1.
    Type the same command again to go on: finished runs are left alone, stopped and failed ones gone on with.
    """
    if out is None:
        raise SettingsError("The study needs a folder.", do="--out runs/study")
    values = {
        "grid": parse_values(grid, "--grid"),
        "rescore": parse_values(rescore, "--rescore"),
        "choose": parse_values(choose, "--choose"),
    }
    from leukoscope import api

    tracking = opened_store(track)
    cohort = None if data is None else read_data(data, reader, option)
    study = api.sweep(
        recipe,
        cohort,
        out=out,
        seeds=None if seeds is None else parse_seeds(seeds),
        folds=folds,
        **values,
        changes=changes or [],
        split_seed=split_seed,
        weights=weights,
        allow_leakage=allow_leakage,
        store=store,
        device=device,
        peek=peek,
        command=shlex.join(["leukoscope", *sys.argv[1:]]),
        show=True,
    )
    console().print(str(study), soft_wrap=True, markup=False)
    if tracking is not None:
        record_runs(study.runs, tracking, experiment=study.record["name"])
    if study.failed:
        raise typer.Exit(1)


def parse_seeds(text: str) -> int | list[int]:
    """Return how many seeds, or which.

    Raises:
        SettingsError: the text is no number and no list of numbers.

    Example:
        >>> parse_seeds("5"), parse_seeds("0,3,7"), parse_seeds("3,")
        (5, [0, 3, 7], [3])
    """
    pieces = [piece.strip() for piece in text.split(",")]
    numbers = [piece for piece in pieces if piece]
    if not numbers or not all(piece.isdecimal() for piece in numbers):
        raise SettingsError(f"Seeds are a number, or numbers with commas; got {text!r}.", do="--seeds 5, --seeds 0,3,7")
    return int(text) if len(pieces) == 1 else [int(piece) for piece in numbers]


def parse_values(settings: list[str] | None, option: str = "--grid") -> dict[str, list[Any]]:
    """Return the values of each setting; they are read as YAML.

    Args:
        settings: Texts ``name=value,value``.
        option: The option that they were typed with, for the message.

    Raises:
        SettingsError: a text without ``=``, values that are not YAML, or a setting that is there twice.

    Example:
        >>> parse_values(["bag.aggregator=mean,{top_k: {k: 10}}", "bag.cells=5,null"])
        {'bag.aggregator': ['mean', {'top_k': {'k': 10}}], 'bag.cells': [5, None]}
    """
    found: dict[str, list[Any]] = {}
    for setting in settings or []:
        name, equals, values = setting.partition("=")
        if not equals:
            what = f"What {option} varies is written name=value,value; got {setting!r}."
            raise SettingsError(what, do=f"{option} {EXAMPLES[option]}")
        if name.strip() in found:
            raise SettingsError(f"{name.strip()!r} is there twice.", do=f"{option} {name.strip()}=a,b")
        try:
            found[name.strip()] = yaml.safe_load(f"[{values}]")
        except yaml.YAMLError:
            raise SettingsError(f"The values of {name.strip()!r} are not YAML: {values!r}.") from None
    return found
