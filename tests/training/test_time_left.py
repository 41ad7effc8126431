from __future__ import annotations

import pytest

from leukoscope.training.time_left import TimeLeft, duration


def test_time_left_goes_by_the_former_epoch_and_then_by_its_own_pace() -> None:
    left = TimeLeft(epochs=4)
    left.begin_epoch(1, now=100)
    assert left.seconds(0, now=100) is None
    assert left.seconds(0.5, now=105) == pytest.approx(4 * 10 - 5)
    left.end_epoch(now=110)
    left.begin_epoch(2, now=110)
    assert left.seconds(0, now=110) == pytest.approx(3 * 10)
    assert left.seconds(0.1, now=120) == pytest.approx(3 * 10 - 10)
    assert left.seconds(0.5, now=120) == pytest.approx(3 * 20 - 10)


def test_durations_are_words() -> None:
    assert [duration(seconds) for seconds in (0.4, 119, 121, 3540, 86_400)] == [
        "0 s", "119 s", "2 min", "59 min", "24 h 0 min",
    ]  # fmt: skip
