"""What the verbs print with: consoles, warnings, notes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.markup import escape

from leukoscope.errors import LeukoscopeWarning


def console() -> Console:
    """Return a console on standard output: results."""
    return Console(highlight=False)


def error_console() -> Console:
    """Return a console on standard error: progress, warnings, errors."""
    return Console(stderr=True, highlight=False)


def print_warnings(messages: Iterable[str]) -> None:
    """Print warnings in yellow on standard error."""
    for message in messages:
        error_console().print(f"[yellow]Warning:[/] {escape(message)}", soft_wrap=True)


def print_notes(notes: Iterable[str]) -> None:
    """Print what was guessed or noticed, dimmed, on standard error."""
    for note in notes:
        error_console().print(f"[dim]note: {escape(note)}[/]", soft_wrap=True)


def say_warning(  # noqa: PLR0917 - Python's own signature
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a Leukoscope warning as one line; others as Python does (a replacement of ``warnings.showwarning``)."""
    if issubclass(category, LeukoscopeWarning):
        print_warnings([str(message)])
    else:
        error_console().print(escape(warnings.formatwarning(message, category, filename, lineno, line)), end="")
    del file
