"""``leukoscope doctor``: what this machine has, what is missing, and the commands that help."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import AsJson
from leukoscope.cli.output import console


def doctor(
    *,
    weights: Annotated[Path | None, typer.Option(help="A folder or file with pretrained weights to look at.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at versions, device, processor, space, weights and extras; exit with 1 if Leukoscope can't work here."""
    from leukoscope.doctor import examine
    from leukoscope.doctor.terminal import as_terminal

    found = examine(weights)
    if as_json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
    else:
        console().print(as_terminal(found))
    if found.verdict == "problem":
        raise typer.Exit(1)
