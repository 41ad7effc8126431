from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import weakref

import pytest

from leukoscope.service.framed import Readers
from leukoscope.service.reading_threads import ReadingThreads
from leukoscope.service.refusal import busy
from leukoscope.service.sent import Sent

HANGING = (
    "import threading; from leukoscope.service.reading_threads import ReadingThreads\n"
    "pool = ReadingThreads(1); begun = threading.Event()\n"
    "pool.submit(lambda: (begun.set(), threading.Event().wait(300))); begun.wait(30)\n"
    "pool.shutdown(wait=False, cancel_futures=True)"
)


class Large:
    """What is made of a picture."""


def test_work_is_done_and_its_errors_are_told() -> None:
    pool = ReadingThreads(3)
    assert [pool.submit(pow, 2, each).result(30) for each in range(9)] == [2**each for each in range(9)]
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result(30)
    assert pool.submit(int, "7").result(30) == 7
    pool.shutdown()
    with pytest.raises(RuntimeError, match="take no new work"):
        pool.submit(int)


def test_what_was_made_is_not_held_on_to() -> None:
    pool = ReadingThreads(1)
    made = pool.submit(Large).result(30)
    held = weakref.ref(made)
    del made
    end = time.monotonic() + 30
    while held() is not None and time.monotonic() < end:
        time.sleep(0.01)
    assert held() is None
    pool.shutdown()


def _raise_holding(held: list[weakref.ref[Large]]) -> None:
    large = Large()
    held.append(weakref.ref(large))
    raise KeyError(type(large).__name__)


@pytest.mark.usefixtures("without_gc")
def test_what_an_error_was_raised_over_is_not_held_on_to() -> None:
    pool, held = ReadingThreads(1), list[weakref.ref[Large]]()
    failed = pool.submit(_raise_holding, held)
    with pytest.raises(KeyError):
        failed.result(30)
    del failed
    pool.shutdown()
    assert [one() for one in held] == [None]


@pytest.mark.usefixtures("without_gc")
def test_what_was_refused_is_not_held_on_to() -> None:
    readers, held = Readers(1), list[weakref.ref[Large]]()

    def make(_: Sent) -> Large:
        large = Large()
        held.append(weakref.ref(large))
        return large

    def refuse(_: Large) -> None:
        raise busy("There is no room.")

    sent = [Sent(str(place), lambda: None) for place in range(3)]  # type: ignore[arg-type, return-value]

    async def asked() -> None:
        with pytest.raises(Exception, match="There is no room"):
            await readers.each(make, sent, refuse)

    asyncio.run(asked())
    readers.close()
    assert {one() for one in held} == {None}


def test_what_did_not_begin_is_dropped_and_what_hangs_is_not_waited_for() -> None:
    may, begun, readers = threading.Event(), threading.Event(), Readers(1)
    hangs = readers.pool.submit(lambda: (begun.set(), may.wait(300))[1])
    waits = readers.pool.submit(int)
    begun.wait(30)
    started = time.monotonic()
    readers.close()
    assert time.monotonic() - started < 5
    assert (hangs.done(), waits.cancelled()) == (False, True)
    may.set()
    assert hangs.result(30) is True


def test_a_process_ends_in_the_middle_of_their_work() -> None:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", HANGING], check=True, timeout=120)
    assert time.monotonic() - started < 60


def test_what_there_is_no_room_for_is_refused() -> None:
    readers, made = Readers(1), list[str]()

    def keep(name: str) -> None:
        made.append(name)
        if len(made) == 2:
            raise busy("There is no room.")

    sent = [Sent(str(place), lambda: None) for place in range(9)]  # type: ignore[arg-type, return-value]
    with pytest.raises(Exception, match="There is no room") as caught:
        asyncio.run(readers.each(lambda one: one.name, sent, keep))
    readers.close()
    assert type(caught.value).__name__ == "Refusal"
    assert made[:2] == ["0", "1"]
    assert len(made) < 9
