"""What a terminal shows: a command is run in a pseudo-terminal, and its output is played onto a screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.style import Style
from rich.text import Text

CONTROL = re.compile(
    r"\x1b\[(?P<values>[?\d;]*)(?P<what>[A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|[\r\n\b]"
)
UNFINISHED = re.compile(r"\x1b[^A-Za-z\x07]*$")
BLOCK = 65_536

Cell = tuple[str, Style]


@dataclass
class Screen:
    """A terminal as far as programs with progress bars need one: text, colours, cursor moves, erasing.

    Args:
        width: In columns; what is longer goes on in the next line.
    """

    width: int
    lines: list[list[Cell]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    _ansi: AnsiDecoder = field(default_factory=AnsiDecoder)
    _left: str = ""

    def feed(self, text: str) -> None:
        """Take what a program wrote; a control sequence may be cut in two."""
        text = self._left + text
        cut = UNFINISHED.search(text)
        text, self._left = (text[: cut.start()], cut[0]) if cut else (text, "")
        place = 0
        for control in CONTROL.finditer(text):
            self._write(text[place : control.start()])
            self._obey(control)
            place = control.end()
        self._write(text[place:])

    def shown(self) -> list[Text]:
        """Return the lines from the first to the last that is not empty, without blanks at their ends."""
        texts = [Text.assemble(*line) for line in self.lines]
        for text in texts:
            text.rstrip()
        while texts and not texts[-1].plain:
            texts.pop()
        return texts

    def _write(self, text: str) -> None:
        for character in text:
            if self.column >= self.width:
                self._go(self.row + 1, 0)
            line = self.lines[self.row]
            line += [(" ", Style.null())] * (self.column + 1 - len(line))
            line[self.column] = (character, self._ansi.style)
            self.column += 1

    def _obey(self, control: re.Match[str]) -> None:
        if control[0] in "\r\n\b":
            column = {"\r": 0, "\n": 0, "\b": max(self.column - 1, 0)}[control[0]]
            self._go(self.row + (control[0] == "\n"), column)
        elif control["what"] == "m":
            # rich knows what the numbers mean; it keeps the style that results.
            list(self._ansi.decode(control[0] + " "))
        elif control["what"] in {"A", "B", "C", "D"}:
            steps = int(control["values"] or 1)
            down = {"A": -steps, "B": steps}.get(control["what"], 0)
            right = {"C": steps, "D": -steps}.get(control["what"], 0)
            self._go(max(self.row + down, 0), max(self.column + right, 0))
        elif control["what"] == "K":
            self._erase(control["values"] or "0")
        elif control["what"] == "J":
            self._erase("0")
            del self.lines[self.row + 1 :]

    def _erase(self, which: str) -> None:
        line = self.lines[self.row]
        if which == "0":
            del line[self.column :]
        elif which == "1":
            line[: self.column] = [(" ", Style.null())] * min(self.column, len(line))
        else:
            line.clear()

    def _go(self, row: int, column: int) -> None:
        self.row, self.column = row, column
        self.lines += [[] for _ in range(row + 1 - len(self.lines))]


def record(command: Sequence[str], *, width: int, height: int, folder: Path) -> list[tuple[float, str]]:
    """Run a command in a pseudo-terminal and return what it wrote: seconds since its start, and text."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(width)}
    environment.pop("NO_COLOR", None)
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, cwd=folder, env=environment)  # noqa: S603
    os.close(its)
    written: list[tuple[float, str]] = []
    pending = b""
    while block := _read(ours):
        pending += block
        text, pending = _decoded(pending)
        written.append((time.monotonic() - started, text))
    os.close(ours)
    if process.wait():
        shown = "".join(text for _, text in written)
        raise SystemExit(f"The command ended with exit code {process.returncode}:\n{shown[-2000:]}")
    return written


def _read(ours: int) -> bytes:
    try:
        return os.read(ours, BLOCK)
    except OSError:  # what Linux says when the other side has closed
        return b""


def _decoded(pending: bytes) -> tuple[str, bytes]:
    """Return the text, and the bytes of a character that is not yet whole."""
    for left in range(4):
        end = len(pending) - left
        try:
            return pending[:end].decode(), pending[end:]
        except UnicodeDecodeError:
            continue
    return pending.decode(errors="replace"), b""
