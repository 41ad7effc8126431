"""One piece of work on many things in threads, the results in their order, only a few of them waiting at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Thing], Result], things: Iterable[Thing], *, ahead: int, workers: int | None = None
) -> Generator[Result]:
    """Give ``work(thing)`` of all things, in their order, worked out in threads.

    A thing is taken only when there is room for its result, so that memory does not grow with their number. Who stops
    early closes the generator (``contextlib.closing``): what was not begun is left.

    Args:
        work: What is done with each; what it raises is raised here, when its turn comes.
        things: May be endless.
        ahead: Results a worker that may be worked on or wait to be taken.
        workers: Threads; one a core where None.
    """
    count = workers or os.cpu_count() or 1
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for thing in things:
                waiting.append(pool.submit(work, thing))
                if len(waiting) >= count * ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
