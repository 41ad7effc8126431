"""A progress bar with time left for whatever takes longer than two seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

QUIET_SECONDS = 2.0
LINE_SECONDS = 30.0

Advance = Callable[[int], None]


@contextlib.contextmanager
def progress(what: str, total: int, *, console: Console | None = None) -> Iterator[Advance]:
    """Show how far a piece of work is.

    On a terminal a bar appears after two seconds and goes when the work is done; elsewhere one line is
    printed every thirty seconds. Output goes to standard error, so that results can be piped.

    Args:
        what: What is being done, in plain words.
        total: How many steps there are.
        console: Where to print; standard error by default.

    Yields:
        A function to call with the number of steps just done.
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        with _bar(what, total, console) as advance:
            yield advance
    else:
        yield _lines(what, total, console)


@contextlib.contextmanager
def _bar(what: str, total: int, console: Console) -> Iterator[Advance]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(what, total=total)
    started = time.monotonic()
    shown = False

    def advance(steps: int) -> None:
        nonlocal shown
        bar.advance(task, steps)
        if not shown and time.monotonic() - started > QUIET_SECONDS:
            bar.start()
            shown = True

    try:
        yield advance
    finally:
        if shown:
            bar.stop()


def _lines(what: str, total: int, console: Console) -> Advance:
    started = last = time.monotonic()
    done = 0

    def advance(steps: int) -> None:
        nonlocal done, last
        done += steps
        now = time.monotonic()
        if now - last > LINE_SECONDS and done < total:
            last = now
            left = (now - started) / max(done, 1) * (total - done)
            console.print(f"{what}: {done} of {total}, about {left:.0f} s left", highlight=False)

    return advance
