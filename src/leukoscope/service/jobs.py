"""What the network's thread is asked to do: to see cells, or to take the steps of something longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leukoscope.inference.saying import Pixels

Work = Callable[[], Generator[None, None, Any]]


@dataclass(eq=False)
class Job:
    """A job.

    Args:
        future: Where its answer goes; cancelled by whoever waits no longer.
        came: When it came, on ``time.monotonic``'s clock.
    """

    future: Future[Any] = field(default_factory=Future)
    came: float = field(default_factory=time.monotonic)

    def answer(self, value: Any) -> None:  # noqa: ANN401 - whatever was asked for
        """Give the answer, if anyone still waits for it."""
        try:
            self.future.set_result(value)
        except InvalidStateError:
            return

    def fail(self, error: BaseException) -> None:
        """Give an error in place of the answer."""
        try:
            self.future.set_exception(error)
        except InvalidStateError:
            return


def _nobody(_: int) -> None:
    return


@dataclass(eq=False)
class CellsJob(Job):
    """To see cells; they go through the network with those of others.

    Args:
        framed: Each picture in each of the bundle's framings.
        seen: The rows of those that were seen so far.
        seeing: Told how many more were seen.
    """

    framed: list[tuple[Pixels, ...]] = field(default_factory=list)
    seen: list[pl.DataFrame] = field(default_factory=list)
    seeing: Callable[[int], None] = _nobody
    next: int = 0

    def take(self, most: int) -> list[tuple[Pixels, ...]]:
        """Return the next pictures, so many at most."""
        taken = self.framed[self.next : self.next + most]
        self.next += len(taken)
        return taken

    @property
    def left(self) -> int:
        """How many pictures were not taken yet."""
        return len(self.framed) - self.next

    def give(self, rows: pl.DataFrame) -> None:
        """Take the rows of pictures that were taken; the last ones make the answer."""
        self.seen.append(rows)
        self.seeing(rows.height)
        if not self.left and sum(each.height for each in self.seen) == len(self.framed):
            self.answer(pl.concat(self.seen))


@dataclass(eq=False)
class StepsJob(Job):
    """Something longer, step by step.

    Args:
        work: What begins it; it stops after each step, and returns the answer.
    """

    work: Work | None = None
    steps: Generator[None, None, Any] | None = None

    def step(self) -> bool:
        """Take one step; return whether it was the last."""
        assert self.work is not None, "a job has work"
        if self.steps is None:
            self.steps = self.work()
        try:
            next(self.steps)
        except StopIteration as end:
            self.answer(end.value)
            return True
        return False
