"""``leukoscope evaluate``: score predictions, also those that others made; or a bundle on another data set."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Device, Reader, ReaderOptions, parse_pairs, read_data, read_groups
from leukoscope.cli.output import console, print_notes, print_warnings
from leukoscope.errors import SettingsError


def evaluate(
    predictions: Annotated[
        Path,
        typer.Argument(help="A csv or parquet file of predictions: probabilities or labels; with --data a bundle."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for scores.json and the report.")],
    labels: Annotated[Path | None, typer.Option(help="A table of the true labels, matched by name.")] = None,
    classes: Annotated[str | None, typer.Option(help="Class names in order, the positive one last: hem,all.")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="What a column is called: id=file, label=truth; repeat.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Operating threshold; 0.5 if not given.")
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="Groups of classes to score as one: a data set's (matek), or a YAML file (groups, lineages)."
        ),
    ] = None,
    replicates: Annotated[int, typer.Option(min=100, help="Bootstrap replicates.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap, and of the part for --recalibrate.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Another data set, to hold a bundle (or run) against: external validation.")
    ] = None,
    reader: Reader = None,
    option: ReaderOptions = None,
    class_map: Annotated[
        str | None,
        typer.Option("--map", help="Its classes as the bundle's: a map's name or a YAML file; else by name."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="The column of its cells that the map looks up.")] = None,
    facts: Annotated[Path | None, typer.Option(help="A table of its patients' facts; its own if not given.")] = None,
    recalibrate: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Fit calibration and threshold anew on this share; test the rest."),
    ] = None,
    device: Device = "auto",
) -> None:
    """Score predictions, or a bundle on another data set, with intervals clustered by patient; write a report."""
    from leukoscope import api

    of_predictions = {"labels": labels, "classes": classes, "column": column, "threshold": threshold, "groups": groups}
    of_bundles = {"reader": reader, "option": option, "map": class_map, "by": by, "facts": facts}
    if data is not None:
        _refuse(of_predictions, "is for predictions, and --data holds a bundle against a data set.")
        found = api.validate(
            predictions,
            read_data(data, reader, option),
            out=out,
            class_map=class_map,
            by=by,
            facts=facts,
            recalibrate=recalibrate,
            replicates=replicates,
            seed=seed,
            device=device,
            command=shlex.join(["leukoscope", *sys.argv[1:]]),
        )
        print_notes(found.notes)
        print_warnings(found.warnings)
        console().print(str(found), soft_wrap=True, markup=False)
        return
    _refuse({**of_bundles, "recalibrate": recalibrate}, "is for a bundle on another data set.", "Name it: --data.")
    if predictions.is_dir():
        what = "This is a folder, and no table of predictions."
        do = "To hold a bundle against another data set, name that: --data FOLDER."
        raise SettingsError(what, where=str(predictions), do=do)
    columns = {name: str(value) for name, value in parse_pairs(column).items()}
    read = api.read_predictions(
        predictions, labels=labels, classes=classes.split(",") if classes else None, columns=columns
    )
    asked = None if groups is None else read_groups(groups)
    scores = api.evaluate(read, threshold=threshold, replicates=replicates, seed=seed, out=out, groups=asked)
    console().print(str(scores), soft_wrap=True, markup=False)
    console().print(f"report: {out / 'report.html'}", markup=False)


def _refuse(given: Mapping[str, object], why: str, do: str = "Leave it out.") -> None:
    """Refuse options of the other way to evaluate."""
    for name, value in given.items():
        if value is not None:
            raise SettingsError(f"--{name} {why}", do=do)
