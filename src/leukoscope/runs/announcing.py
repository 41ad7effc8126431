"""What is said before a training starts: the split's proof, and what cannot be promised."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from leukoscope.cohort.splits.split import Split


def announce(split: Split, console: Console | None = None) -> None:
    """Print the split's statement, a leak in red, warnings in yellow.

    Args:
        split: The checked split.
        console: Where to; standard error by default.
    """
    console = console or Console(stderr=True, highlight=False)
    console.print(f"split: {escape(split.statement)}", soft_wrap=True)
    if split.leakage:
        console.print(f"[bold red]LEAKING SPLIT, allowed because: {escape(split.leakage)}[/]", soft_wrap=True)
    for warning in split.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}", soft_wrap=True)
