"""The screen that the terminal's picture is made of shows what a terminal would."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.style import Style
from screen import Screen, record

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def shown(text: str, width: int = 20) -> list[str]:
    """Return the lines of a screen after some output."""
    screen = Screen(width)
    screen.feed(text)
    return [line.plain for line in screen.shown()]


def test_lines_and_carriage_returns() -> None:
    assert shown("one\r\ntwo\r\n") == ["one", "two"]
    assert shown("epoch 1\repoch 2") == ["epoch 2"]
    assert shown("longer\rabc") == ["abcger"]


def test_a_bar_that_is_erased_and_drawn_again_stands_once() -> None:
    bar = "\r\x1b[2K{}"
    assert shown("head\r\n" + bar.format("10 %") + "\r\x1b[2Kepoch 1\r\n" + bar.format("20 %")) == [
        "head",
        "epoch 1",
        "20 %",
    ]
    assert shown("a\r\nb\r\x1b[2K\x1b[1A\x1b[2Kc\r\nd") == ["c", "d"]


def test_erasing_to_the_end_and_below() -> None:
    assert shown("abcdef\r\x1b[2C\x1b[K") == ["ab"]
    assert shown("a\r\nb\r\nc\x1b[2A\r\x1b[J") == []
    assert shown("abc\x1b[1K!") == ["   !"]


def test_what_is_too_long_goes_on_in_the_next_line() -> None:
    assert shown("abcdef", width=4) == ["abcd", "ef"]


def test_titles_and_hidden_cursors_leave_no_mark() -> None:
    assert shown("\x1b]0;title\x07\x1b[?25la\x1b[?25hb\x1b(B") == ["ab"]


def test_colours_are_kept_until_they_are_reset() -> None:
    screen = Screen(20)
    screen.feed("\x1b[1;32mgreen\x1b[0m plain")
    (line,) = screen.shown()
    styles = [line.get_style_at_offset(Console(), place) for place in (0, 7)]
    assert styles[0] == Style.parse("bold color(2)")
    assert styles[1] == Style.null()


def test_a_control_sequence_may_come_in_two_blocks() -> None:
    screen = Screen(20)
    for block in ("a\r\n\x1b[", "1A\x1b", "[2Kb"):
        screen.feed(block)
    assert [line.plain for line in screen.shown()] == ["b"]


def test_a_command_is_run_on_a_terminal_of_the_asked_width(tmp_path: Path) -> None:
    code = "import os, sys; print(os.get_terminal_size().columns, sys.stderr.isatty(), 'ä', os.listdir())"
    written = record([sys.executable, "-c", code], width=72, height=20, folder=tmp_path)
    assert shown("".join(text for _, text in written), 72) == ["72 True ä []"]


def test_a_command_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exit code 3"):
        record([sys.executable, "-c", "raise SystemExit(3)"], width=72, height=20, folder=tmp_path)
