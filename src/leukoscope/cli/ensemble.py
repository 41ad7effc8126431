"""``leukoscope ensemble``: several models, one answer."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from leukoscope.cli.options import parse_pairs
from leukoscope.cli.output import console
from leukoscope.errors import SettingsError


def ensemble(
    models: Annotated[
        list[Path],
        typer.Argument(help="Two or more run folders, or tables of predictions with a column 'part'."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for ensemble.html, the tables, and a folder a rule.")],
    rule: Annotated[
        list[str] | None,
        typer.Option(help="average, genetic, greedy, stacked, most_confident; repeat. All if left out."),
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a rule's setting: genetic.generations=50; repeat.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the searches and of the folds.")] = 0,
    bundle: Annotated[
        list[str] | None,
        typer.Option(help="A rule that is made a bundle for predict, rules/RULE/bundle (runs of cells); repeat."),
    ] = None,
) -> None:
    """Combine models that were scored on the same split: fit rules on validation, score them on test once."""
    from leukoscope.ensembles import RULES
    from leukoscope.runs.ensembling import ensemble as combine

    wanted: dict[str, dict[str, Any]] = {name: {} for name in rule or RULES}
    for name, value in parse_pairs(changes).items():
        of, dot, setting = name.partition(".")
        if not dot or of not in wanted:
            what = f"{name!r} is no setting of a rule that is asked for."
            raise SettingsError(what, do=f"Write RULE.SETTING=VALUE, of one of: {', '.join(wanted)}.")
        wanted[of][setting] = value
    command = shlex.join(["leukoscope", *sys.argv[1:]])
    found = combine(models, out, rules=wanted, seed=seed, bundles=bundle or (), command=command)
    console().print(str(found), soft_wrap=True, markup=False)
