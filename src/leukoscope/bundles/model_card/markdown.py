"""Markdown from plain text that strangers wrote: nothing in it is taken for a mark, a tag or a new line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARKS = re.compile(r"[\\`*\[\]|~$]|_(?![^\W_])|(?<![^\W_])_")
ENTITY = re.compile(r"&(?=#?\w+;)")


def plain(text: object) -> str:
    r"""Return a value as text in which no character is a mark, on one line.

    Example:
        >>> plain("a|b_c <i>\n *d*"), plain("_e_ &amp; f & g")
        ('a\\|b_c &lt;i&gt; \\*d\\*', '\\_e\\_ &amp;amp; f & g')
    """
    words = "".join(letter for letter in " ".join(str(text).split()) if letter.isprintable())
    marked = MARKS.sub(lambda found: f"\\{found[0]}", ENTITY.sub("&amp;", words))
    return marked.replace("<", "&lt;").replace(">", "&gt;")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of plain values.

    Args:
        head: The columns' names.
        rows: Their values, one of each column.
    """
    lines = [[plain(value) for value in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(said: Iterable[tuple[str, object]]) -> str:
    """Return what is said of each thing as a list.

    Args:
        said: The thing, in bold, empty for none, and what is said of it, plain; None where it is not known.
    """
    rows = [(name, "not known" if value is None else value) for name, value in said]
    return "\n".join(f"- **{plain(name)}:** {plain(value)}" if name else f"- {plain(value)}" for name, value in rows)


def page(blocks: Iterable[str]) -> str:
    """Return blocks of Markdown as a page, empty ones left out."""
    return "\n\n".join(block for block in blocks if block) + "\n"
