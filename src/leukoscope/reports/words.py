"""How numbers, scores and classes are written on the page: formatting, nothing else."""

from __future__ import annotations

import math
import re
from typing import Any

from leukoscope.errors import counted
from leukoscope.evaluation.names import score_title
from leukoscope.evaluation.showing import SMALLEST_P

NOT_AVAILABLE = "n/a"
NOT_KNOWN = "not known"
NOTHING = "\N{EN DASH}"
# Nouns of cells that take a plain plural; a title of other words is put in quotation marks instead.
PLURALS = re.compile(r"(cells?|blasts?|\w+blast|\w+cytes?|\w+phils?|platelets?)$", re.IGNORECASE)
MIB_IN_GIB = 1024
SMALLEST_SHOWN, LARGEST_SHOWN = 0.5, 99.5


def metric_title(name: str) -> str:
    """Return a metric's name as people write it.

    Example:
        >>> metric_title("roc_auc"), metric_title("patient_roc_auc"), metric_title("my_own_score")
        ('ROC AUC', 'ROC AUC of patients', 'My own score')
    """
    return capitalised(score_title(name))


def decimal(value: float, digits: int = 3) -> str:
    """Return a number with a fixed number of digits, minus zero as zero.

    Example:
        >>> decimal(0.93456), decimal(-0.0001, 2)
        ('0.935', '0.00')
    """
    said = f"{value:.{digits}f}"
    return said.removeprefix("-") if not said.strip("-0.") else said


def cut_decimal(value: float, digits: int = 3) -> str:
    """Return a number with a fixed number of digits, cut rather than rounded: a correlation of 1.000 means equal.

    Example:
        >>> cut_decimal(0.9996), cut_decimal(0.57), cut_decimal(1.0)
        ('0.999', '0.570', '1.000')
    """
    # The small summand keeps what is written with so many digits as it is: 0.57 * 1000 is 569.9999...
    return decimal(math.floor(value * 10**digits + 1e-9) / 10**digits, digits)


def day_of(moment: str) -> str:
    """Return the day of a moment.

    Args:
        moment: ISO 8601; the empty string stays empty.

    Example:
        >>> day_of("2026-11-21T10:00:00+00:00")
        '2026-11-21'
    """
    return moment.partition("T")[0]


def p_value(p: float | None) -> str:
    """Return a p value for a table.

    Example:
        >>> p_value(0.0312), p_value(0.00002), p_value(None)
        ('0.031', '< 0.001', '\N{EN DASH}')
    """
    if p is None:
        return NOTHING
    return f"< {SMALLEST_P}" if p < SMALLEST_P else decimal(p)


def of_hundred(share: float) -> str:
    """Return a share as "so many of 100": whole, but never 0 or 100 where there are exceptions.

    Example:
        >>> of_hundred(0.918), of_hundred(0.9991), of_hundred(1.0), of_hundred(0.002)
        ('92', '99.9', '100', '0.2')
    """
    value = 100 * share
    exact = value in {0.0, 100.0}
    if not exact and not SMALLEST_SHOWN < value < LARGEST_SHOWN:
        return f"{min(max(value, 0.1), 99.9):.1f}"
    return f"{value:.0f}"


def score_words(score: dict[str, Any] | None) -> str:
    """Return a score with its interval, or ``n/a``.

    Args:
        score: ``{"value", "low", "high", "reason"}`` of ``scores.json``, or None where there is none.

    Example:
        >>> score_words({"value": 0.9312, "low": 0.9, "high": 0.95, "reason": None})
        '0.931 (0.900 to 0.950)'
    """
    if score is None or score.get("value") is None:
        return NOT_AVAILABLE
    interval = interval_words(score)
    return decimal(score["value"]) + (f" ({interval})" if interval else "")


def interval_words(score: dict[str, Any], digits: int = 3) -> str:
    """Return the bounds of a score's interval, ``"0.900 to 0.950"``; empty where there is none."""
    if score.get("low") is None or score.get("high") is None:
        return ""
    return f"{decimal(score['low'], digits)} to {decimal(score['high'], digits)}"


def no_interval_words(score: dict[str, Any]) -> str:
    """Return why a score that has a value has no interval; empty where it has one, or nothing is said.

    Example:
        >>> no_interval_words({"value": 0.9, "low": None, "high": None, "reason": "it rests on a single patient"})
        'no interval: it rests on a single patient'
    """
    alone = score.get("value") is not None and score.get("low") is None
    return f"no interval: {score['reason']}" if alone and score.get("reason") else ""


def units_words(interval: dict[str, Any]) -> str:
    """Return how many units were resampled, how often; empty where there are no intervals.

    Args:
        interval: ``{"unit", "clusters", "replicates"}`` of ``scores.json``.

    Example:
        >>> units_words({"unit": "linked group of patients", "clusters": 11, "replicates": 2000})
        '11 linked groups of patients, resampled 2,000 times'
    """
    if not interval.get("replicates"):
        return ""
    found = counted_units(interval.get("clusters") or 0, str(interval.get("unit") or "cell"))
    return f"{found}, resampled {interval['replicates']:,} times"


def counted_units(number: int, unit: str) -> str:
    """Return a number of what was resampled, as it stands in a sentence.

    Example:
        >>> counted_units(9, "linked group of patients"), counted_units(1, "patient")
        ('9 linked groups of patients', '1 patient')
    """
    return counted(number, unit, unit.replace("group", "groups", 1) if "group" in unit else None)


def percent_level(level: float) -> str:
    r"""Return the level of an interval, in one piece.

    Example:
        >>> percent_level(0.95)
        '95\xa0%'
    """
    return f"{100 * level:g}\N{NO-BREAK SPACE}%"


def kind_of(title: str, unit: str = "cell") -> str:
    """Return a class's title in the plural, as it stands in a sentence on cells or patients.

    Args:
        title: The title.
        unit: ``cell`` or ``patient``.

    Example:
        >>> kind_of("leukaemic blast (ALL)"), kind_of("normal cell"), kind_of("tumoral")
        ('leukaemic blasts (ALL)', 'normal cells', 'cells of the class “tumoral”')
        >>> kind_of("tumoral lymphocytosis", "patient"), kind_of("tumoral", "patient")
        ('patients with tumoral lymphocytosis', 'patients of the class “tumoral”')
    """
    head, bracket, rest = title.partition(" (")
    if PLURALS.search(head):
        plural = f"{head if head.endswith('s') else head + 's'}{bracket}{rest}"
        return plural if unit == "cell" else f"patients with {plural}"
    # A diagnosis of several words reads as one; a single word may be an adjective.
    return f"{unit}s with {title}" if unit == "patient" and " " in head else f"{unit}s of the class “{title}”"


def unit_of(part: dict[str, Any]) -> str:
    """Return what a part's rows are: ``cell`` or ``patient``.

    Example:
        >>> unit_of({"unit": "patient"}), unit_of({})
        ('patient', 'cell')
    """
    return str(part.get("unit") or "cell")


def of_unit(sentence: str, unit: str) -> str:
    """Return a sentence on cells as one on whatever the rows are.

    Example:
        >>> of_unit("share of positive cells that are found", "patient")
        'share of positive patients that are found'
    """
    return sentence if unit == "cell" else re.sub(r"\bcell(s?)\b", rf"{unit}\1", sentence)


def share_words(share: dict[str, Any] | None) -> str:
    """Return a share of patients with its interval and the numbers behind it.

    Args:
        share: ``{"value", "count", "total", "low", "high"}``; None where there is none.

    Example:
        >>> share_words({"value": 0.9, "count": 9, "total": 10, "low": 0.555, "high": 0.997})
        '0.900 (0.555 to 0.997), 9 of 10'
        >>> share_words({"value": None, "count": 0, "total": 0, "low": None, "high": None})
        'n/a, 0 of 0'
    """
    if share is None:
        return NOT_AVAILABLE
    return f"{score_words(share)}, {share['count']:,} of {share['total']:,}"


def capitalised(text: str) -> str:
    """Return a text with its first letter large and the others as they are."""
    return text[:1].upper() + text[1:]


def memory(mebibytes: float) -> str:
    """Return an amount of memory in MiB or GiB.

    Example:
        >>> memory(812.4), memory(3072)
        ('812 MiB', '3.0 GiB')
    """
    return f"{mebibytes:.0f} MiB" if mebibytes < MIB_IN_GIB else f"{mebibytes / MIB_IN_GIB:.1f} GiB"
