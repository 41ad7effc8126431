"""``leukoscope predict``: a bundle and pictures to a table of probabilities."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.options import Device, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_warnings
from leukoscope.errors import SettingsError

if TYPE_CHECKING:
    from leukoscope.inference import PatientSummary, Summary


class Format(StrEnum):
    """What is written."""

    TABLE = "table"
    LYON = "lyon-submission"
    CNMC = "cnmc-submission"


def predict(
    bundle: Annotated[Path, typer.Argument(help="The bundle of a run: runs/first/bundle.")],
    pictures: Annotated[
        Path,
        typer.Argument(
            help="A picture, a folder of pictures (of patients: a folder each), or with --reader a data set."
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="The table to write, .csv or .parquet; of cnmc-submission .csv or .zip.")],
    reader: Reader = None,
    option: ReaderOptions = None,
    facts: Annotated[Path | None, typer.Option(help="Patients' facts: a table with a column patient.")] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="table; lyon-submission: ID,Predicted of patients without label; cnmc-submission: 0 or 1 (ALL) for "
            "1.bmp, 2.bmp and so on, a row each.",
        ),
    ] = Format.TABLE,
    expect: Annotated[
        int | None, typer.Option(min=1, help="How many pictures a cnmc-submission must have: 2586 in the final test.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures at a time.")] = 64,
    device: Device = "auto",
) -> None:
    """Say what each cell is, or what each patient has, and how probable; what cannot be read is listed."""
    from leukoscope import inference
    from leukoscope.inference.opening import refuse_facts

    if expect is not None and form is not Format.CNMC:
        raise SettingsError("--expect goes with --format cnmc-submission alone.", do="Leave it out.")
    if form is Format.LYON:
        cohort = read_data(pictures, reader or "lyon", option)
        _say(inference.write_lyon_submission(bundle, cohort, out, facts=facts, batch=batch, device=device))
        return
    source = pictures if reader is None else read_data(pictures, reader, option)
    if form is Format.CNMC:
        refuse_facts(facts)
        _say(inference.write_cnmc_submission(bundle, source, out, expected=expect, batch=batch, device=device))
    else:
        _say(inference.predict_to_file(bundle, source, out, facts=facts, batch=batch, device=device))


def _say(summary: Summary | PatientSummary) -> None:
    print_warnings(summary.warnings)
    console().print(str(summary), soft_wrap=True, markup=False)
