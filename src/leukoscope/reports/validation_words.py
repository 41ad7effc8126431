"""How an external validation is told, on its page and on the terminal: formatting, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.comparison_words import signed
from leukoscope.reports.words import NOT_AVAILABLE, NOTHING, decimal, score_words

Row = dict[str, Any]
MOVED = ("otherwise", "far otherwise")


def of(row: Row, where: str) -> str:
    """Return a value of a row with its interval.

    Args:
        row: With ``where``, ``where_low`` and ``where_high``.
        where: What begins their names.

    Example:
        >>> of({"home": 0.9, "home_low": 0.85, "home_high": None}, "home"), of({"home": None}, "home")
        ('0.900', '\N{EN DASH}')
    """
    if row.get(where) is None:
        return NOTHING
    ends = {end: row.get(f"{where}_{end}") for end in ("low", "high")}
    return score_words({"value": row[where], **ends})


def difference_of(row: Row) -> str:
    """Return a difference with its interval, both with their signs.

    Example:
        >>> difference_of({"difference": -0.05, "difference_low": -0.1, "difference_high": 0.01})
        '-0.050 (-0.100 to +0.010)'
    """
    low, high = row.get("difference_low"), row.get("difference_high")
    interval = "" if low is None or high is None else f" ({signed(low)} to {signed(high)})"
    return signed(row.get("difference")) + interval


def beside_words(row: Row) -> str:
    """Return a score here and at home, and the difference.

    Args:
        row: Of ``beside.csv``.
    """
    return f"{of(row, 'here')}; at home {of(row, 'home')}; difference {difference_of(row)}"


def moved_words(rows: Sequence[Row]) -> list[str]:
    """Return which aspects of pictures and answers have moved, a sentence each.

    Args:
        rows: Of ``drift.csv``.

    Example:
        >>> row = {"of": "pictures", "title": "brightness", "judgement": "far otherwise"}
        >>> moved_words([row, {**row, "title": "contrast", "judgement": "alike"}])
        ['Of 2 aspects of the pictures 1 is otherwise than in training: brightness (far).']
        >>> moved_words([{**row, "of": "answers", "judgement": None}])
        ['How far the answers have moved is not known.']
    """
    return [_moved([row for row in rows if row["of"] == name], name) for name in dict.fromkeys(r["of"] for r in rows)]


def recalibrated_words(found: Row) -> list[str]:
    """Return what recalibration did, a sentence each.

    Args:
        found: The section ``recalibration`` of ``validation.json``.
    """
    rest = found["rest"]
    whom = counted(rest["cells"], "cell") + (f" of {counted(rest['patients'], 'patient')}" if rest["patients"] else "")
    said = found["statement"]
    return [f"{said[:1].upper()}{said[1:]}.", f"Measured on the rest: {whom}."]


def number(value: float | None, digits: int = 3) -> str:
    """Return a number for a table; a dash where there is none."""
    return NOTHING if value is None else decimal(value, digits)


def share_words(section: Row | None, name: str) -> str:
    """Return a share of a section with its interval; ``n/a`` where there is none.

    Args:
        section: A part of ``validation.json``.
        name: The share's.
    """
    return NOT_AVAILABLE if section is None else score_words(section.get(name))


def _moved(rows: Sequence[Row], name: str) -> str:
    known = [row for row in rows if row["judgement"] is not None]
    if not known:
        return f"How far the {name} have moved is not known."
    than = "in training" if name == "pictures" else "on the test part at home"
    moved = [row for row in known if row["judgement"] in MOVED]
    far = [row["title"] + (" (far)" if row["judgement"] == MOVED[1] else "") for row in moved]
    aspects = f"Of {counted(len(known), 'aspect')} of the {name}"
    if not far:
        return f"{aspects} none is otherwise than {than}."
    return f"{aspects} {len(far)} {'is' if len(far) == 1 else 'are'} otherwise than {than}: {', '.join(far)}."
