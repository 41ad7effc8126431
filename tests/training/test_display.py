from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
from rich.console import Console

import leukoscope.progress
from leukoscope.training.display import Plan, SilentDisplay, TerminalDisplay


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def row(epoch: int, stage: int, value: float) -> dict[str, Any]:
    return {
        "epoch": epoch, "stage": stage, "loss": 0.5, "validation_loss": 0.25, "validation_weighted_f1": value,
    }  # fmt: skip


def follow(console: Console, clock: Clock, metric: str = "weighted_f1") -> None:
    display = TerminalDisplay(console, clock)
    display.begin(Plan(3, metric, (row(1, 1, 0.7),)))
    display.begin_epoch(2, 2, 4)
    for loss in (0.6, 0.4, None, None):
        clock.seconds += 20
        display.step(loss)
    display.end_epoch(row(2, 2, 0.8125), best=True)
    display.begin_epoch(3, 2, 4)
    display.end()


def test_without_a_terminal_there_are_lines() -> None:
    text = io.StringIO()
    follow(Console(file=text, width=200, highlight=False), Clock())
    assert text.getvalue().splitlines() == [
        "  epoch  stage  training loss  validation loss  weighted f1     time",
        "      1      1         0.5000           0.2500       0.7000  earlier",
        "epoch 2 of 3, 50%, loss 0.5000, about 2 min left",
        "epoch 2 of 3, 100%, loss 0.5000, about 80 s left",
        "      2      2         0.5000           0.2500       0.8125     80 s  * best",
    ]


def test_on_a_terminal_rows_stand_above_a_bar_that_goes() -> None:
    text = io.StringIO()
    follow(Console(file=text, width=100, force_terminal=True, color_system=None, legacy_windows=False), Clock())
    shown = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", text.getvalue())
    assert "0.8125     80 s  * best" in shown
    assert "epoch 3 of 3" in shown
    assert "about 80 s left" in shown


def test_work_before_an_epoch_has_a_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leukoscope.progress, "QUIET_SECONDS", -1.0)
    text = io.StringIO()
    console = Console(file=text, width=100, force_terminal=True, color_system=None, legacy_windows=False)
    display = TerminalDisplay(console, Clock())
    display.begin(Plan(3, "weighted_f1"))
    text.truncate(text.seek(0))
    with display.working("Embedding cells", 40) as advance:
        advance(30)
        time.sleep(0.2)
    working = text.getvalue()
    assert "Embedding cells" in working
    assert "30/40" in working
    assert "epoch" not in working.split("Embedding cells", 1)[1].rsplit("Embedding cells", 1)[0]
    text.truncate(text.seek(0))
    display.begin_epoch(1, 1, 4)
    display.end()
    assert "epoch 1 of 3" in text.getvalue()
    assert "Embedding" not in text.getvalue()


def test_work_that_fails_leaves_no_bar() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None, legacy_windows=False)
    display = TerminalDisplay(console, Clock())
    display.begin(Plan(3, "weighted_f1"))
    with pytest.raises(KeyboardInterrupt), display.working("Embedding cells", 40):
        raise KeyboardInterrupt
    display.end()
    console.file.truncate(console.file.seek(0))  # type: ignore[attr-defined]
    console.print("after")
    assert console.file.getvalue() == "after\n"  # type: ignore[attr-defined]


def test_without_a_terminal_work_has_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leukoscope.progress, "LINE_SECONDS", -1.0)
    text = io.StringIO()
    with TerminalDisplay(Console(file=text, width=200)).working("Embedding cells", 40) as advance:
        advance(10)
    assert re.fullmatch(r"Embedding cells: 10 of 40, about \d+ s left\n", text.getvalue())
    with SilentDisplay().working("Embedding cells", 40) as advance:
        advance(10)


def test_the_loss_as_metric_is_not_shown_twice() -> None:
    text = io.StringIO()
    follow(Console(file=text, width=200, highlight=False), Clock(), metric="loss")
    assert text.getvalue().splitlines()[:2] == [
        "  epoch  stage  training loss  validation loss     time",
        "      1      1         0.5000           0.2500  earlier",
    ]


def test_a_title_stands_on_a_line_of_its_own() -> None:
    console = Console(file=io.StringIO(), width=100)
    TerminalDisplay(console).title("fold 2, for late fusion")
    SilentDisplay().title("fold 2, for late fusion")
    assert console.file.getvalue() == "fold 2, for late fusion\n"
