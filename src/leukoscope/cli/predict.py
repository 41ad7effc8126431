"""``leukoscope predict``: a bundle and pictures to a table of probabilities."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.options import Device, Reader, ReaderOptions, read_data
from leukoscope.cli.output import console, print_notes, print_warnings
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
        list[Path],
        typer.Argument(
            help="Pictures; a folder or zip archive of them (of patients: a folder each); a table with a column path; "
            "a pattern in quotes: 'cells/*.png'; or with --reader a data set."
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
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the rows of a prediction into --out that was broken off.")
    ] = False,
) -> None:
    """Say what each cell is, or what each patient has, and how probable; what cannot be read is listed.

    Beside the table of cells stands one of their patients, where these are known; beside that of patients one of their
    cells, with what each adds.
    """
    from leukoscope import inference
    from leukoscope.inference.opening import refuse_facts

    if expect is not None and form is not Format.CNMC:
        raise SettingsError("--expect goes with --format cnmc-submission alone.", do="Leave it out.")
    if resume and form is not Format.TABLE:
        raise SettingsError("--resume goes with --format table alone.", do="Leave it out.")
    if form is Format.LYON:
        cohort = read_data(_alone(pictures), reader or "lyon", option)
        _say(inference.write_lyon_submission(bundle, cohort, out, facts=facts, batch=batch, device=device))
        return
    single = pictures[0] if len(pictures) == 1 else pictures
    source = single if reader is None else read_data(_alone(pictures), reader, option)
    if form is Format.CNMC:
        refuse_facts(facts)
        _say(inference.write_cnmc_submission(bundle, source, out, expected=expect, batch=batch, device=device))
    else:
        with _saying_how_to_go_on(out):
            said = inference.predict_to_file(
                bundle, source, out, facts=facts, batch=batch, device=device, resume=resume
            )
        _say(said)


def _alone(pictures: list[Path]) -> Path:
    if len(pictures) > 1:
        what = f"One data set is read at a time; {len(pictures)} paths are given."
        raise SettingsError(what, do="Name its folder or table alone.")
    return pictures[0]


@contextlib.contextmanager
def _saying_how_to_go_on(out: Path) -> Iterator[None]:
    """Say, where a prediction is broken off by hand, that its rows are kept."""
    from leukoscope.inference.unfinished import part_of

    try:
        yield
    except KeyboardInterrupt:
        if part_of(out).is_file():
            print_notes([f"The rows that are known lie in {part_of(out)}; the same call with --resume goes on."])
        raise


def _say(summary: Summary | PatientSummary) -> None:
    print_warnings(summary.warnings)
    console().print(str(summary), soft_wrap=True, markup=False)
