"""``leukoscope report``: write a run's page again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.output import console


def report(run: Annotated[Path, typer.Argument(help="The folder of a run, or of an evaluation.")]) -> None:
    """Write the report of a run again from the tables in its folder."""
    from leukoscope.reports import write_report

    console().print(f"report: {write_report(run)}", markup=False)
