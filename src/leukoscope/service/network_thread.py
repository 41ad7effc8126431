"""The one thread that owns the network: whatever computes with it is done here, one thing after the other.

Cells of several requests go through the network together: up to 64 of them, or those that came within 10 ms. Longer
work (a patient, a map) goes step by step, in turn with the others, so that a large request does not keep a small one
waiting. A map itself is one step: while occlusion looks at a cell some fifty times over, the others wait. What its
client no longer waits for leaves the line at once; a step that has begun is finished.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import polars as pl

from leukoscope.inference.saying import Pixels
from leukoscope.service.jobs import CellsJob, Job, StepsJob
from leukoscope.service.refusal import busy, stopping

TOGETHER, WAIT = 64, 0.010
See = Callable[[Sequence[tuple[Pixels, ...]]], pl.DataFrame]


class NetworkThread:
    """A thread with a line of jobs before it.

    Args:
        most: So many jobs may be in the line, the one that is worked on included.
        on_batch: Told how many cells went through the network together.
    """

    def __init__(self, most: int, on_batch: Callable[[int], None] = lambda _: None) -> None:
        self.most, self.on_batch = most, on_batch
        self.see: See | None = None
        self._line: deque[Job] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Put a job at the end of the line; it leaves it when no one waits for it any longer.

        Raises:
            Refusal: the line is full, or the thread is stopping.
        """
        with self._changed:
            if self._stopping:
                raise stopping()
            if len(self._line) >= self.most:
                raise busy("Too many requests are waiting.")
            self._line.append(job)
            self._changed.notify()
        job.future.add_done_callback(self._given_up)  # which does not hold the job, nor its pictures

    def __len__(self) -> int:
        """How many jobs are in the line."""
        return len(self._line)

    @property
    def full(self) -> bool:
        """Whether the line takes no more."""
        return len(self) >= self.most

    def stop(self, seconds: float = 10.0) -> None:
        """Finish what is in the line, and end.

        Args:
            seconds: So long this waits for it.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(seconds)

    def _given_up(self, future: Future[Any]) -> None:
        """Take a job out of the line for which no one waits any longer."""
        if future.cancelled():
            with self._changed:
                self._line = deque(job for job in self._line if job.future is not future)

    def _run(self) -> None:
        # A job is forgotten before the next is waited for: it holds its pictures.
        while self._go_on():
            pass

    def _go_on(self) -> bool:
        """Work on the first job, an error of which is its own; return whether there is more to come."""
        job = self._first()
        if isinstance(job, StepsJob):
            self._step(job)
        elif job is not None:
            self._see()
        return job is not None

    def _first(self) -> Job | None:
        """Return the first job, when there is one; None at the end."""
        with self._changed:
            while True:
                if self._line:
                    return self._line[0]
                if self._stopping:
                    return None
                self._changed.wait()

    def _step(self, job: StepsJob) -> None:
        try:
            last = job.step()
        except BaseException as error:
            job.fail(error)
            last = True
        self._turn(job, done=last)

    def _turn(self, job: Job, *, done: bool) -> None:
        """Take a job from its place, and put it at the end unless it is done; one that was given up has no place."""
        with self._changed:
            if job not in self._line:
                return
            self._line.remove(job)
            if not done:
                self._line.append(job)

    def _see(self) -> None:
        """Let one batch of cells through the network, of as many jobs as it holds."""
        taken = self._gathered()
        if not taken:
            return
        pictures = [picture for _, part in taken for picture in part]
        try:
            assert self.see is not None, "cells come after the bundle was loaded"
            rows = self.see(pictures)
        except BaseException as error:
            for job, _ in taken:
                job.fail(error)
                self._turn(job, done=True)
            return
        self.on_batch(len(pictures))
        start = 0
        for job, part in taken:
            job.give(rows[start : start + len(part)])
            start += len(part)
            self._turn(job, done=not job.left)

    def _gathered(self) -> list[tuple[CellsJob, list[tuple[Pixels, ...]]]]:
        """Return the next pictures of the jobs in the line, those in front first."""
        with self._changed:
            came = self._line[0].came if self._line else 0.0
            while not self._stopping and self._cells() < TOGETHER:
                left = came + WAIT - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            taken, room = list[tuple[CellsJob, list[tuple[Pixels, ...]]]](), TOGETHER
            for job in self._line:
                if isinstance(job, CellsJob) and room:
                    part = job.take(room)
                    room -= len(part)
                    taken.append((job, part))
            return taken

    def _cells(self) -> int:
        return sum(job.left for job in self._line if isinstance(job, CellsJob))
