"""``leukoscope report``: write a run's page again, or a bundle's model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.output import console

BUNDLE = "bundle.json"


def report(run: Annotated[Path, typer.Argument(help="The folder of a run, of an evaluation, or a bundle.")]) -> None:
    """Write the report of a run again from the tables in its folder, or a bundle's model card and checklist."""
    if (run / BUNDLE).is_file():
        from leukoscope.bundles import write_model_card

        card, checklist = write_model_card(run)
        console().print(f"model card: {card}\nchecklist: {checklist}", markup=False)
        return
    from leukoscope.reports import write_report

    console().print(f"report: {write_report(run)}", markup=False)
