"""A bundle that is being served: its thread, its readers, and whether it is ready."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Generator, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.inference.marks import Marks, marks_of
from leukoscope.inference.saying import Pixels, framings_of
from leukoscope.pictures.framing import Framing
from leukoscope.service.finite import refuse_no_numbers
from leukoscope.service.fixed_batches import FixedBatches
from leukoscope.service.framed import Framed, Readers, frame
from leukoscope.service.jobs import CellsJob, Job, StepsJob, Work
from leukoscope.service.maps import methods_of
from leukoscope.service.metrics import Metrics
from leukoscope.service.network_thread import NetworkThread
from leukoscope.service.progress import LOOKING, READING, Progress, Requests
from leukoscope.service.refusal import Refusal, not_ready, stopping
from leukoscope.service.room import Room
from leukoscope.service.sent import Sent, pictures_of
from leukoscope.service.settings import Settings
from leukoscope.service.upload import Upload

STOPPED_WITHIN = 5.0
"""Seconds for what is in the network's line when the service is closed."""


class State(StrEnum):
    """How far a service is."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPING = "stopping"


class Served:
    """A bundle that is being served.

    Args:
        opening: What reads the bundle, which passes its self-test then; called in the network's thread.
        settings: How it is served.
    """

    def __init__(self, opening: Callable[[], AnyBundle], settings: Settings) -> None:
        self.settings, self.metrics = settings, Metrics()
        self.room, self.places = Room(settings.limits.bytes_together), Room(settings.limits.framed_together(0))
        self.readers, self.requests = Readers(), Requests()
        self.thread = NetworkThread(settings.limits.queue, self.metrics.batch)
        self.metrics.queue_length(lambda: len(self.thread))
        self.state, self.running = State.LOADING, 0
        self.error: BaseException | None = None
        self._bundle: AnyBundle | None = None
        self._drawing = threading.Lock()
        self._example: dict[str, Any] | None = None
        self.marks = Marks()
        self.framings: tuple[Framing, ...] = ()
        self.framed_bytes, self._closed = 0, False
        self.methods: tuple[str, ...] = ()
        job = StepsJob(work=partial(self._load, opening))
        self.loaded = job.future
        self.thread.submit(job)

    def _load(self, opening: Callable[[], AnyBundle]) -> Generator[None, None, None]:
        yield from ()
        try:
            bundle = opening()
            self.marks, self.framings = marks_of(bundle, frozenset()), tuple(framings_of(bundle).values())
            self.methods = methods_of(bundle)
            self.framed_bytes = bytes_of(self.framings)
            self.places.most = self.settings.limits.framed_together(self.framed_bytes)
            if bundle.card.task == "cells":
                self.thread.see = FixedBatches(bundle)
        except BaseException as error:
            self.state, self.error = State.FAILED, error
            raise
        self._bundle = bundle
        if self.state is State.LOADING:
            self.state = State.READY

    @property
    def bundle(self) -> AnyBundle:
        """The bundle.

        Raises:
            Refusal: it is not loaded yet.
        """
        if self._bundle is None:
            raise not_ready()
        return self._bundle

    def example(self, make: Callable[[AnyBundle], dict[str, Any]]) -> dict[str, Any]:
        """Return the drawn patient, who is made once.

        Args:
            make: What makes it.
        """
        with self._drawing:
            if self._example is None:
                self._example = make(self.bundle)
        return self._example

    def refuse_unless_ready(self) -> None:
        """Refuse a request that comes too early or too late.

        Raises:
            Refusal: the bundle is not loaded yet, or the service stops.
        """
        if self.state is State.STOPPING:
            raise stopping()
        if self.state is not State.READY:
            raise not_ready()

    async def framed(
        self, upload: Upload, *, black: bool = False, field: str = "pictures"
    ) -> tuple[list[Framed], list[str]]:
        """Return the pictures of a request, read and framed, and what was passed over.

        Args:
            upload: The form; its ``framed`` stands for the places that were taken for them.
            black: As of ``frame``.
            field: The form's field that holds them.

        Raises:
            Refusal: there are none, none of them can be read, or too many are in memory for others.
        """
        loop, limits = asyncio.get_running_loop(), self.settings.limits
        found = await loop.run_in_executor(self.readers.pool, pictures_of, upload.files, limits, field)
        try:
            self.take_places(upload, len(found.sent) * self.framed_bytes)
            upload.progress.begin(READING, len(found.sent))
            made = await self.readers.each(upload.progress.counting(self.framing(black=black)), found.sent)
        finally:
            found.close()
        unreadable = [one for one in made if one.problem is not None]
        self.metrics.pictures(len(made) - len(unreadable), len(unreadable))
        refuse_all_unreadable(made)
        return made, list(found.notes)

    def framing(self, *, black: bool = False) -> Callable[[Sent], Framed]:
        """Return what reads and frames a picture; ``black`` as of ``frame``."""
        most = self.settings.limits.pixels
        return partial(frame, framings=self.framings, most_pixels=most, black=black)

    async def seen(self, framed: Sequence[tuple[Pixels, ...]], progress: Progress) -> pl.DataFrame:
        """Return what the bundle says of cells, a row each, as ``said_with_flags`` does.

        Args:
            framed: Each picture, 1 or more, in each of the bundle's framings.
            progress: Of the request.

        Raises:
            Refusal: the line before the network is full, or what it says is no number.
        """
        progress.begin(LOOKING, len(framed))
        rows: pl.DataFrame = await self._done(CellsJob(framed=list(framed), seeing=progress.more))
        refuse_no_numbers(rows)
        return rows

    async def worked(self, work: Work) -> Any:  # noqa: ANN401 - whatever the work returns
        """Return what work gives that is done in the network's thread, step by step.

        Raises:
            Refusal: the line before the network is full.
        """
        return await self._done(StepsJob(work=work))

    async def _done(self, job: Job) -> Any:  # noqa: ANN401 - as of ``worked``
        self.thread.submit(job)
        return await asyncio.wrap_future(job.future)

    def take_places(self, upload: Upload, number: int) -> None:
        """Take room for pictures that will lie in memory for an upload, so many bytes.

        Raises:
            Refusal: there is no room left.
        """
        self.places.take(number)
        upload.framed += number

    def forget(self, upload: Upload) -> None:
        """Give back the room that an upload took."""
        self.room.give(upload.bytes)
        self.places.give(upload.framed)

    def close(self, seconds: float = STOPPED_WITHIN) -> None:
        """Finish what is in the line, and let all threads go; told again, do nothing.

        Args:
            seconds: So long this waits at most, whatever is still being worked on.
        """
        self.state = State.STOPPING
        if not self._closed:
            self._closed = True
            self.thread.stop(seconds)
            self.readers.close()


def bytes_of(framings: Sequence[Framing]) -> int:
    """Return how many bytes one picture has in all framings together."""
    return sum(3 * math.prod(framing.size) for framing in framings if framing.size is not None)


def refuse_all_unreadable(made: Sequence[Framed]) -> None:
    """Refuse a request of whose pictures none can be read.

    Raises:
        Refusal: none can; it says what is wrong with the first.
    """
    if any(one.problem is None for one in made):
        return
    first = made[0]
    if len(made) == 1:
        raise Refusal(422, "unreadable", f"The picture cannot be read. {first.problem}", where=first.name or None)
    what = f"None of the {len(made):,} pictures can be read. {first.problem}"
    raise Refusal(422, "unreadable", what, where=first.name or None)
