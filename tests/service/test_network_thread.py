from __future__ import annotations

import threading
import weakref
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.service.jobs import CellsJob, StepsJob
from leukoscope.service.network_thread import NetworkThread
from leukoscope.service.refusal import Refusal


class Slow:
    """Says of each picture its first number, once it may; notes what came together."""

    def __init__(self) -> None:
        self.may, self.begun, self.batches = threading.Event(), threading.Event(), list[list[int]]()

    def __call__(self, framed: Sequence[tuple[np.ndarray, ...]]) -> pl.DataFrame:
        self.begun.set()
        self.may.wait(30)
        values = [int(one[0][0, 0, 0]) for one in framed]
        self.batches.append(values)
        if 255 in values:
            raise ValueError("a picture that the network cannot see")
        return pl.DataFrame({"value": values})


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def thread(slow: Slow) -> Iterator[NetworkThread]:
    made = NetworkThread(6)
    made.see = slow
    yield made
    slow.may.set()
    made.stop()


def cells(*values: int) -> CellsJob:
    return CellsJob(framed=[(np.full((2, 2, 3), value, np.uint8),) for value in values])


def values(future: Future[Any]) -> list[int]:
    return list(future.result(30)["value"])


def test_cells_of_several_requests_go_together_and_come_apart(thread: NetworkThread, slow: Slow) -> None:
    first = cells(0)
    thread.submit(first)
    others = [cells(1, 2), cells(3), cells(*range(100, 200))]
    for job in others:
        thread.submit(job)
    slow.may.set()
    assert [values(job.future) for job in (first, *others)] == [[0], [1, 2], [3], list(range(100, 200))]
    assert max(map(len, slow.batches)) == 64
    assert any({1, 3} <= set(batch) for batch in slow.batches)


def test_a_full_line_takes_no_more(thread: NetworkThread, slow: Slow) -> None:
    jobs = [cells(place) for place in range(6)]
    for job in jobs:
        thread.submit(job)
    assert thread.full
    with pytest.raises(Refusal, match="Too many requests are waiting") as caught:
        thread.submit(cells(7))
    assert (caught.value.status, caught.value.after) == (429, 2)
    slow.may.set()
    assert [values(job.future) for job in jobs] == [[place] for place in range(6)]
    thread.submit(again := cells(8))
    assert values(again.future) == [8]


def test_who_waits_no_longer_is_passed_over(thread: NetworkThread, slow: Slow) -> None:
    thread.submit(cells(0))
    slow.begun.wait(30)
    thread.submit(gone := cells(9))
    thread.submit(last := cells(1))
    assert gone.future.cancel()
    slow.may.set()
    assert values(last.future) == [1]
    assert 9 not in [value for batch in slow.batches for value in batch]


def test_what_is_given_up_takes_no_place_and_is_not_held(thread: NetworkThread, slow: Slow) -> None:
    thread.submit(first := cells(0))
    slow.begun.wait(30)
    for place in range(1, 6):
        thread.submit(cells(place))
    gone = [job for job in thread._line if job is not first]
    held = [weakref.ref(job) for job in gone]
    assert thread.full
    while gone:
        assert gone.pop().future.cancel()
    assert len(thread) == 1
    assert [each() for each in held] == [None] * 5  # neither the line nor a circle keeps their pictures
    thread.submit(last := cells(7))
    slow.may.set()
    assert [values(job.future) for job in (first, last)] == [[0], [7]]
    assert {value for batch in slow.batches for value in batch} == {0, 7}


def test_steps_that_are_given_up_are_not_gone_on_with(thread: NetworkThread) -> None:
    done, begun, may = list[int](), threading.Event(), threading.Event()

    def steps() -> Generator[None, None, None]:
        for place in range(3):
            done.append(place)
            begun.set()
            may.wait(30)
            yield

    thread.submit(job := StepsJob(work=steps))
    begun.wait(30)
    assert job.future.cancel()
    may.set()
    thread.submit(after := StepsJob(work=lambda: iter(())))  # type: ignore[arg-type, return-value]
    after.future.result(30)
    assert done == [0]


def test_an_error_is_of_those_who_asked_and_the_thread_goes_on(thread: NetworkThread, slow: Slow) -> None:
    slow.may.set()
    thread.submit(wrong := cells(255))
    with pytest.raises(ValueError, match="cannot see"):
        wrong.future.result(30)

    def failing() -> Generator[None, None, None]:
        yield
        raise KeyError("step")

    thread.submit(steps := StepsJob(work=failing))
    with pytest.raises(KeyError):
        steps.future.result(30)
    thread.submit(after := cells(4))
    assert values(after.future) == [4]


def test_long_work_takes_turns(thread: NetworkThread) -> None:
    done, begun = list[str](), threading.Event()

    def steps(name: str) -> Generator[None, None, str]:
        begun.wait(30)
        for _ in range(3):
            done.append(name)
            yield
        return name

    jobs = [StepsJob(work=lambda name=name: steps(name)) for name in "ab"]  # type: ignore[misc]
    for job in jobs:
        thread.submit(job)
    begun.set()
    assert [job.future.result(30) for job in jobs] == ["a", "b"]
    assert done == ["a", "b", "a", "b", "a", "b"]


def test_when_stopped_it_finishes_what_waits_and_takes_no_more(slow: Slow) -> None:
    thread = NetworkThread(6)
    thread.see = slow
    slow.may.set()
    jobs = [cells(place) for place in range(5)]
    for job in jobs:
        thread.submit(job)
    thread.stop()
    assert [values(job.future) for job in jobs] == [[place] for place in range(5)]
    with pytest.raises(Refusal, match="being stopped"):
        thread.submit(cells(1))
