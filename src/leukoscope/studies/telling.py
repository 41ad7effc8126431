"""What is said while a study runs: which run it is, how it ended, and how long the rest may take."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from leukoscope.studies.running import FAILED, Done
from leukoscope.training.time_left import duration


class Teller:
    """Tells how far a study is, with the time left from the runs that were done in this sitting.

    Args:
        what: What is counted: ``run``.
        total: How many there are.
        console: Where to; nothing is said where None.
        clock: Returns seconds; of another clock in tests.
    """

    def __init__(
        self, what: str, total: int, console: Console | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._total, self._console, self._clock = what, total, console, clock
        self._begun = 0
        self._spent: list[float] = []
        self._started = 0.0

    def begin(self, name: str) -> None:
        """Say which run begins now, and how long this and the rest may take."""
        self._begun += 1
        self._started = self._clock()
        left = self._total - self._begun + 1
        mean = sum(self._spent) / len(self._spent) if self._spent else None
        about = "" if mean is None else f", about {duration(mean * left)} left"
        self._say(f"[bold]{self._what} {self._begun} of {self._total}[/]: {escape(name)}{about}")

    def end(self, outcome: Done, error: str | None = None) -> None:
        """Say how it ended; one that was finished before says nothing of the time that others take.

        Args:
            outcome: How.
            error: Why it failed.
        """
        if outcome == "finished before":
            self._say("  was finished before")
            return
        seconds = self._clock() - self._started
        self._spent.append(seconds)
        if outcome == FAILED:
            self._say(f"  [bold red]failed[/] after {duration(seconds)}: {escape(error or 'no reason given')}")
        else:
            self._say(f"  finished after {duration(seconds)}")

    def _say(self, text: str) -> None:
        if self._console is not None:
            self._console.print(text, soft_wrap=True)
