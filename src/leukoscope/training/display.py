"""What is seen of a training while it runs: nothing, lines, or a table that grows above a bar."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from leukoscope.progress import Advance, progress
from leukoscope.training.metrics import LOSS
from leukoscope.training.time_left import TimeLeft, duration

LINE_SECONDS = 30.0


@dataclass(frozen=True)
class Plan:
    """What is ahead.

    Args:
        epochs: Epochs of all stages together.
        metric: The metric that says which epoch is the best.
        rows: The rows of the history that are there already (of a training that goes on).
    """

    epochs: int
    metric: str
    rows: tuple[dict[str, Any], ...] = ()


class Display(Protocol):
    """Whatever wants to follow a training; its methods are called in this order."""

    def title(self, text: str) -> None:
        """Take note of which training comes next, where several follow each other."""

    def begin(self, plan: Plan) -> None:
        """Take note of what is ahead."""

    def begin_epoch(self, epoch: int, stage: int, steps: int) -> None:
        """An epoch (1 and on) of a stage (1 and on) begins, with so many steps, those of validation included."""

    def step(self, loss: float | None) -> None:
        """One step is done; ``loss`` is the training loss of its cells, None in validation."""

    def working(self, what: str, total: int) -> AbstractContextManager[Advance]:
        """Before an epoch something of so many steps is done; yields what is called with the number just done."""

    def end_epoch(self, row: dict[str, Any], *, best: bool) -> None:
        """The epoch gave this row of the history, and is the best so far or not."""

    def end(self) -> None:
        """The training is over, whichever way."""


class SilentDisplay:
    """Shows nothing."""

    def title(self, text: str) -> None:
        """Do nothing."""

    def begin(self, plan: Plan) -> None:
        """Do nothing."""

    def begin_epoch(self, epoch: int, stage: int, steps: int) -> None:
        """Do nothing."""

    def step(self, loss: float | None) -> None:
        """Do nothing."""

    def working(self, what: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002 - the contract
        """Do nothing."""
        return contextlib.nullcontext(lambda _: None)

    def end_epoch(self, row: dict[str, Any], *, best: bool) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


@dataclass
class _Epoch:
    """The epoch that is under way: its steps, and the sum of its training losses."""

    number: int
    stage: int
    steps: int
    done: int = 0
    loss: float = 0.0
    losses: int = 0

    def step(self, loss: float | None) -> None:
        self.done += 1
        if loss is not None:
            self.loss, self.losses = self.loss + loss, self.losses + 1

    @property
    def share(self) -> float:
        return self.done / max(self.steps, 1)


class TerminalDisplay:
    """A table with a row for each finished epoch; below it, on a terminal, a bar with the loss and the time left.

    Where standard error is no terminal, a line every thirty seconds takes the bar's place.

    Args:
        console: Where to; standard error by default, so that results can be piped.
        clock: Returns seconds; of another clock in tests.
    """

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._clock = clock
        self._plan = Plan(0, "")
        self._left = TimeLeft(0)
        self._epoch = _Epoch(0, 0, 0)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._last_line = 0.0

    def title(self, text: str) -> None:
        """Print it as a heading."""
        self._print(text, "bold")

    def begin(self, plan: Plan) -> None:
        """Print the table's head, and the rows that are there already."""
        self._plan, self._left = plan, TimeLeft(plan.epochs)
        metric = _validation_column(plan.metric)
        self._print("  epoch  stage  training loss  validation loss" + metric + "     time", "bold")
        for row in plan.rows:
            self._print(self._line(row, "earlier"), "dim")
        self._begin_bar()

    def begin_epoch(self, epoch: int, stage: int, steps: int) -> None:
        """Set the bar to an epoch's begin."""
        self._epoch = _Epoch(epoch, stage, steps)
        self._left.begin_epoch(epoch, self._clock())
        self._last_line = self._clock()
        self._show()

    def step(self, loss: float | None) -> None:
        """Move the bar; print a line where there is none."""
        self._epoch.step(loss)
        self._show()

    @contextlib.contextmanager
    def working(self, what: str, total: int) -> Iterator[Advance]:
        """Let a bar of its own, or its lines, stand in the place of the epoch's."""
        self.end()
        with progress(what, total, console=self._console) as advance:
            yield advance
        self._begin_bar()

    def end_epoch(self, row: dict[str, Any], *, best: bool) -> None:
        """Print the epoch's row."""
        seconds = self._left.end_epoch(self._clock())
        mark = "  * best" if best else ""
        self._print(self._line(row, duration(seconds)) + mark, "green" if best else "")

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _begin_bar(self) -> None:
        if self._console.is_terminal:
            self._bar = _make_bar(self._console)
            self._task = self._bar.add_task("", total=1.0, loss="", left="")
            self._bar.start()

    def _line(self, row: dict[str, Any], took: str) -> str:
        validation = row[f"validation_{LOSS}"]
        head = f"  {row['epoch']:>5}  {row['stage']:>5}  {row['loss']:>13.4f}  {validation:>15.4f}"
        value = row[f"validation_{self._plan.metric}"]
        shown = "" if self._plan.metric == LOSS else f"{value:.4f}".rjust(len(_validation_column(self._plan.metric)))
        return f"{head}{shown}  {took:>7}"

    def _print(self, line: str, style: str) -> None:
        self._console.print(line, style=style or None, markup=False, soft_wrap=True)

    def _show(self) -> None:
        now, epoch = self._clock(), self._epoch
        left = self._left.seconds(epoch.share, now)
        texts: dict[str, Any] = {
            "description": f"epoch {epoch.number} of {self._plan.epochs}",
            "loss": f"loss {epoch.loss / epoch.losses:.4f}" if epoch.losses else "",
            "left": "" if left is None else f"about {duration(left)} left",
        }
        if self._bar is not None:
            self._bar.update(self._task, completed=epoch.share, **texts)
        elif now - self._last_line > LINE_SECONDS:
            self._last_line = now
            parts = (texts["description"], f"{epoch.share:.0%}", texts["loss"], texts["left"])
            self._print(", ".join(part for part in parts if part), "")


def _validation_column(metric: str) -> str:
    return "" if metric == LOSS else "  " + metric.replace("_", " ").rjust(8)


def _make_bar(console: Console) -> Progress:
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[loss]}"),
        TextColumn("{task.fields[left]}"),
    )
    return Progress(*columns, console=console, transient=True)
