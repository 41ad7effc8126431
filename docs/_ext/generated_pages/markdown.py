"""Markdown from values: plain text that stays plain, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARKS = re.compile(r"([\\`*_\[\]<>|{}$#~])")
FLAG = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")


def plain(text: str) -> str:
    """Return a text so that no character of it is taken for a mark."""
    return _escaped(" ".join(text.split()))


def code(text: str) -> str:
    """Return a text as code, also within a table; nothing for nothing."""
    return f"`{text}`".replace("|", r"\|") if text else ""


def prose(text: str) -> str:
    """Return a docstring's text, whose code stands in double back-ticks."""
    parts = re.split(r"``(.+?)``", " ".join(text.split()))
    return "".join(code(part) if index % 2 else _escaped(part) for index, part in enumerate(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _escaped(text: str) -> str:
    """Escape the marks; flags become code, or else their two hyphens would be set as a dash."""
    parts = FLAG.split(text)
    return "".join(f"`{part}`" if index % 2 else MARKS.sub(r"\\\1", part) for index, part in enumerate(parts))
