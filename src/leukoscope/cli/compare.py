"""``leukoscope compare``: runs, variants and studies against each other, with what differs besides."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from leukoscope.cli.output import console


def compare(
    sides: Annotated[
        list[str], typer.Argument(help="Run folders, study folders (each variant is a side), or STUDY::VARIANT.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for comparison.html, the tables and the figures.")],
    score: Annotated[
        list[str] | None,
        typer.Option(help="weighted_f1, roc_auc, patient_roc_auc, ...; repeat. Weighted F1 and ROC AUC if left out."),
    ] = None,
    alternative: Annotated[
        Literal["two-sided", "greater", "less"],
        typer.Option(help="greater: the first side's values are higher (of a loss, worse); decide before you look."),
    ] = "two-sided",
    part: Annotated[Literal["test", "validation"], typer.Option(help="The part whose scores are compared.")] = "test",
    replicates: Annotated[int, typer.Option(min=100, help="Bootstrap replicates.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
) -> None:
    """Compare the first side with each other one: over seeds, over patients, and in their calls."""
    from leukoscope.studies.comparison import compare as compare_sides

    found = compare_sides(
        sides,
        out,
        scores=score or [],
        alternative=alternative,
        part=part,
        replicates=replicates,
        seed=seed,
        command=shlex.join(["leukoscope", *sys.argv[1:]]),
    )
    console().print(str(found), soft_wrap=True, markup=False)
