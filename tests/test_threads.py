from __future__ import annotations

import itertools
import threading
import time

import pytest

from leukoscope.threads import in_threads


def test_results_come_in_the_order_of_the_things_however_long_each_takes() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * 10

    assert list(in_threads(slow_first, range(20), ahead=3, workers=4)) == [10 * number for number in range(20)]


def test_of_endless_things_only_so_many_are_taken_ahead() -> None:
    taken = itertools.count()
    results = in_threads(lambda number: number, taken, ahead=3, workers=2)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert next(taken) == 5 + 2 * 3 - 1
    results.close()


def test_an_error_is_raised_when_its_turn_comes() -> None:
    def inverse(number: int) -> float:
        return 1 / number

    results = in_threads(inverse, [1, 2, 0, 4], ahead=4, workers=1)
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_was_not_begun_is_left_when_the_taker_stops() -> None:
    begun: list[int] = []
    go = threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number:
            go.wait(10)
        return number

    results = in_threads(work, range(100), ahead=8, workers=1)
    assert next(results) == 0
    threading.Timer(0.2, go.set).start()
    results.close()
    assert max(begun) <= 1


@pytest.mark.parametrize("workers", [None, 1, 3])
def test_nothing_gives_nothing(workers: int | None) -> None:
    assert list(in_threads(str, [], ahead=2, workers=workers)) == []
