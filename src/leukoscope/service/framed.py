"""From bytes to what the networks see: each picture is decoded and framed in a thread, a few of a request at a time."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from leukoscope.errors import DataError
from leukoscope.inference.predicting import BLACK
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode_content, quiet
from leukoscope.pictures.framing import Framing
from leukoscope.service.limits import LONGEST
from leukoscope.service.reading_threads import ReadingThreads
from leukoscope.service.sent import Sent

Made = TypeVar("Made")
NO_MEMORY = "There is not enough memory to decode the picture."
IN_FLIGHT = 2
"""So many pictures of one request wait for each thread: others come in between."""


@dataclass(frozen=True, eq=False)
class Framed:
    """A picture that was read, or why it was not.

    Args:
        name: What the client calls it.
        ways: It in each framing, (h, w, 3) uint8; empty where it could not be read.
        sha256: Of its bytes; None where these could not be had.
        problem: Why it could not be read, a sentence; None where it was.
    """

    name: str
    ways: tuple[Pixels, ...] = ()
    sha256: str | None = None
    problem: str | None = None


class Readers:
    """Threads that read pictures.

    Args:
        workers: How many; one a core where None.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._stack = ExitStack()
        # One filter for all threads, as ``quiet`` asks for.
        self._stack.enter_context(quiet())
        self.pool = ReadingThreads(self.workers)

    async def each(
        self, make: Callable[[Sent], Made], sent: Sequence[Sent], keep: Callable[[Made], None] = lambda _: None
    ) -> list[Made]:
        """Return what is made of each picture, in their order; what did not begin is dropped where this is cancelled.

        Args:
            make: What makes it, in any thread.
            sent: The pictures.
            keep: Told of each in the event loop, once it is made; it may refuse it.

        Raises:
            Refusal: ``keep`` has refused one; the others are dropped.
        """
        loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(self.workers * IN_FLIGHT)

        async def one(picture: Sent) -> Made:
            async with turn:
                made = await loop.run_in_executor(self.pool, make, picture)
                keep(made)
                return made

        tasks = [asyncio.create_task(one(picture)) for picture in sent]
        try:
            return await asyncio.gather(*tasks)
        finally:
            ended = asyncio.gather(*tasks, return_exceptions=True)
            while tasks:
                tasks.pop().cancel()
            await ended
            del ended  # else an error holds this frame, which holds the error, and with it the pictures

    def close(self) -> None:
        """Let the threads go, and wait for none: one may hang in a decoder."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self._stack.close()


def frame(sent: Sent, framings: Sequence[Framing], most_pixels: int, *, black: bool = False) -> Framed:
    """Read and frame one picture; what is wrong with it stands in ``problem``.

    Args:
        sent: The picture.
        framings: How it is to be framed.
        most_pixels: A picture whose header claims more is not decoded.
        black: Whether a picture that is black all over is taken.
    """
    if sent.problem is not None:
        return Framed(sent.name, problem=sent.problem)
    digest = None
    try:
        content = sent.content()
        digest = hashlib.sha256(content.data).hexdigest()
        pixels = decode_content(content, most_pixels).pixels
        refuse_long(pixels, most_pixels)
        ways = tuple(framing.apply(pixels) for framing in framings)
    except DataError as error:
        return Framed(sent.name, sha256=digest, problem=error.what)
    except MemoryError:
        return Framed(sent.name, sha256=digest, problem=NO_MEMORY)
    if not black and not all(way.any() for way in ways):
        return Framed(sent.name, sha256=digest, problem=BLACK)
    return Framed(sent.name, ways, digest)


def refuse_long(pixels: Pixels, most_pixels: int) -> None:
    """Refuse a picture so long and narrow that a square about it, which some framings make, would fill the memory.

    Args:
        pixels: The picture.
        most_pixels: So many pixels a picture may have.

    Raises:
        DataError: it is.

    Example:
        >>> import numpy as np
        >>> refuse_long(np.zeros((300, 400, 3), np.uint8), 120_000)
    """
    height, width = pixels.shape[:2]
    if max(height, width) ** 2 > LONGEST * most_pixels:
        raise DataError(f"The picture is too long and narrow to be framed: {width:,} x {height:,} pixels.")
