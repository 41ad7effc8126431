from __future__ import annotations

import io

import pytest
from rich.console import Console

from leukoscope import progress as module
from leukoscope.progress import progress


def written(*, terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=100), text


def with_clock(monkeypatch: pytest.MonkeyPatch, times: list[float]) -> None:
    remaining = iter(times)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(remaining))


@pytest.mark.parametrize("terminal", [True, False])
def test_quick_work_prints_nothing(terminal: bool) -> None:
    console, text = written(terminal=terminal)
    with progress("reading pictures", 3, console=console) as advance:
        for _ in range(3):
            advance(1)
    assert text.getvalue() == ""


def test_away_from_a_terminal_a_line_comes_every_thirty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    console, text = written(terminal=False)
    with_clock(monkeypatch, [0.0, 10.0, 31.0, 50.0, 62.0, 100.0])
    with progress("reading pictures", 10, console=console) as advance:
        for _ in range(4):
            advance(2)
        advance(2)
    assert text.getvalue().splitlines() == [
        "reading pictures: 4 of 10, about 46 s left",
        "reading pictures: 8 of 10, about 16 s left",
    ]


def test_a_bar_appears_after_two_seconds_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    console, text = written(terminal=True)
    monkeypatch.setattr(module, "QUIET_SECONDS", -1.0)
    with progress("reading pictures", 3, console=console) as advance:
        advance(2)
    assert "reading pictures" in text.getvalue()
    assert "2/3" in text.getvalue()


def test_the_bar_goes_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    console, text = written(terminal=True)
    monkeypatch.setattr(module, "QUIET_SECONDS", -1.0)

    def work() -> None:
        with progress("reading pictures", 3, console=console) as advance:
            advance(1)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()
    assert "\x1b[?25h" in text.getvalue()  # the cursor is shown again
