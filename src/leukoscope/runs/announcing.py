"""What is said before a training starts: the split's proof, and what cannot be promised."""

from __future__ import annotations

import polars as pl
from rich.console import Console
from rich.markup import escape

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.words import listed
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import counted


def announce(split: Split, console: Console | None = None) -> None:
    """Print the split's statement, a leak in red, warnings in yellow.

    Args:
        split: The checked split.
        console: Where to; standard error by default.
    """
    console = console or Console(stderr=True, highlight=False)
    console.print(f"split: {escape(split.statement)}", soft_wrap=True)
    if split.mark:
        console.print(f"[bold red]LEAKAGE: {escape(split.mark)}[/]", soft_wrap=True)
    for warning in split.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}", soft_wrap=True)


def announce_left_out(cohort: Cohort, console: Console | None = None) -> None:
    """Print which patients are neither learnt from nor scored, and why; nothing where there are none.

    Args:
        cohort: The cohort as it was taken in, seen as patients.
        console: Where to; standard error by default.
    """
    console = console or Console(stderr=True, highlight=False)
    pictures = cohort.cells.group_by("patient").agg(usable=pl.col("excluded").is_null().any())
    known = cohort.patients.join(pictures, on="patient", how="left", maintain_order="left")
    reasons = {
        "no picture": pl.col("usable").is_null(),
        "no picture that can be used": ~pl.col("usable"),
        "no label": pl.col("usable") & pl.col("label").is_null(),
    }
    for reason, which in reasons.items():
        names = known.filter(which.fill_null(value=False))["patient"]
        if len(names):
            who = f"{counted(len(names), 'patient')} ({listed(names)})"
            console.print(f"left out of learning and of every score, {reason}: {escape(who)}", soft_wrap=True)
