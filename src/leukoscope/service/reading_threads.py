"""Threads for reading pictures that a process does not wait for: a decoder that hangs must not keep it from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")
Work = tuple[Future[Any], Callable[[], Any]]


class ReadingThreads(Executor):
    """A pool of threads that end with the process, also in the middle of their work.

    Those of ``ThreadPoolExecutor`` are waited for when Python ends, however long they take.

    Args:
        workers: How many.
    """

    def __init__(self, workers: int) -> None:
        self._line: SimpleQueue[Work | None] = SimpleQueue()
        self._lock, self._over = threading.Lock(), False
        self._threads = [
            threading.Thread(target=self._run, name=f"reading_{place}", daemon=True) for place in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[Given, Made], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Made]:
        """Put work at the end of the line.

        Raises:
            RuntimeError: the pool was shut down.
        """
        future = Future[Made]()
        with self._lock:
            if self._over:
                raise RuntimeError("The threads take no new work.")
            self._line.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no new work, and let the threads go.

        Args:
            wait: Whether to wait for them.
            cancel_futures: Whether what did not begin is dropped.
        """
        with self._lock:
            self._over = True
        while cancel_futures and (work := self._next()) is not None:
            work[0].cancel()
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _next(self) -> Work | None:
        try:
            return self._line.get_nowait()
        except Empty:
            return None

    def _run(self) -> None:
        # What was done is forgotten before the next is waited for: it may hold a picture.
        while self._one():
            pass

    def _one(self) -> bool:
        work = self._line.get()
        if work is None:
            return False
        future, make = work
        try:
            if future.set_running_or_notify_cancel():
                future.set_result(make())
        except BaseException as error:
            future.set_exception(error)
        finally:
            del work, future, make  # else an error holds this frame, which holds the error, and with it a picture
        return True
