"""Lists in the sentences that readers write into a cohort's notes."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 5


def listed(names: Iterable[str], shown: int = SHOWN, total: int | None = None) -> str:
    """Return names in a row, the first ones only where there are many.

    Args:
        names: The names, or as many of the first as are shown.
        shown: How many to show.
        total: How many there are in all, where ``names`` holds fewer.

    Example:
        >>> listed(["a", "b"]), listed("abcdefg", shown=2), listed("ab", total=9)
        ('a, b', 'a, b and 5 more', 'a, b and 7 more')
    """
    every = list(names)
    more = (len(every) if total is None else total) - len(every[:shown])
    return ", ".join(every[:shown]) + (f" and {more:,} more" if more > 0 else "")
