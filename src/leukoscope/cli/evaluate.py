"""``leukoscope evaluate``: score predictions, also those that others made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import parse_pairs, read_groups
from leukoscope.cli.output import console


def evaluate(
    predictions: Annotated[Path, typer.Argument(help="A csv or parquet file of predictions: probabilities or labels.")],
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
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
) -> None:
    """Score predictions with intervals clustered by patient, and write scores.json and a report."""
    from leukoscope import api

    columns = {name: str(value) for name, value in parse_pairs(column).items()}
    read = api.read_predictions(
        predictions, labels=labels, classes=classes.split(",") if classes else None, columns=columns
    )
    asked = None if groups is None else read_groups(groups)
    scores = api.evaluate(read, threshold=threshold, replicates=replicates, seed=seed, out=out, groups=asked)
    console().print(str(scores), soft_wrap=True, markup=False)
    console().print(f"report: {out / 'report.html'}", markup=False)
