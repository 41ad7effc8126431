"""The words of an error analysis: properties of cells, sheets of pictures, and what an association says."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.words import NOT_AVAILABLE, decimal, of_hundred

THOUSANDS, WHOLE = 10_000, 10
PROPERTIES = {
    "every": ("All cells", ""),
    "class": ("Class", ""),
    "area": ("Size of the cell", "px"),
    "brightness": ("Brightness of the cell", "grey, 0 to 255"),
    "background_share": ("Share of background", "of the picture"),
    "solidity": ("Solidity", "1: no dent"),
    "circularity": ("Circularity", "1: a disc"),
    "touches_border": ("Touches the border", ""),
}
MORE = {
    "area": ("larger", "smaller"),
    "brightness": ("brighter", "darker"),
    "background_share": ("surrounded by more background", "surrounded by less background"),
    "solidity": ("less dented", "more dented"),
    "circularity": ("rounder", "less round"),
    "touches_border": ("more often cut by the border", "less often cut by the border"),
}
SHEET_TITLES = {
    "missed_by_all": ("Missed by every model", "The one whose true class gets the least probability comes first."),
    "missed_by_one": (
        "Missed by exactly one model",
        "The one on which it is furthest from the others comes first.",
    ),
    "only_one_right": (
        "Only one model is right",
        "All others miss them. The one on which it is furthest from the others comes first.",
    ),
    "most_confident": ("Most confident errors", "The surest wrong call of any model comes first, a cell once."),
    "label_errors": (
        "Look at these again: likely label errors",
        "The smallest margin comes first. The label is the one in the data set.",
    ),
}
ALONE_TITLE = "Missed by the model"

Row = dict[str, Any]


def property_title(name: str) -> str:
    """Return a property's name with its unit.

    Example:
        >>> property_title("area"), property_title("touches_border"), property_title("my_own")
        ('Size of the cell (px)', 'Touches the border', 'My own')
    """
    title, unit = PROPERTIES.get(name, (name.replace("_", " ").capitalize(), ""))
    return f"{title} ({unit})" if unit else title


def association_words(row: Row, class_title: str | None) -> str:
    """Return what an association says, a sentence.

    Args:
        row: A row of ``associations.csv``.
        class_title: The title of its class; None of all classes.

    Example:
        >>> row = {"property": "area", "auc": 0.7, "low": 0.6, "high": 0.8, "reason": None}
        >>> association_words(row, None)
        'Missed cells are larger.'
        >>> association_words(row | {"low": 0.4}, "normal cell")
        'Not shown.'
    """
    if row["low"] is None:
        return f"Nothing can be said: {row['reason']}."
    if row["low"] <= 0.5 <= row["high"]:  # noqa: PLR2004 - an AUC of chance
        return "Not shown."
    more, less = MORE.get(row["property"], ("higher", "lower"))
    whose = "Missed cells" if class_title is None else f"Among cells of the class “{class_title}”, missed ones"
    return f"{whose} are {more if row['low'] > 0.5 else less}."  # noqa: PLR2004


def rate_words(row: Row) -> str:
    r"""Return an error rate in percent with its interval.

    Example:
        >>> rate_words({"error_rate": 0.125, "low": 0.1, "high": 0.2})
        '12\xa0% (10 to 20)'
        >>> rate_words({"error_rate": 0.125, "low": None, "high": None})
        '12\xa0%'
    """
    said = f"{of_hundred(row['error_rate'])}\N{NO-BREAK SPACE}%"
    if row["low"] is None:
        return said
    return f"{said} ({of_hundred(row['low'])} to {of_hundred(row['high'])})"


def value_words(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a number with its interval, or ``n/a``.

    Example:
        >>> value_words(0.5, 0.4, 0.6), value_words(None)
        ('0.50 (0.40 to 0.60)', 'n/a')
    """
    if value is None:
        return NOT_AVAILABLE
    interval = "" if low is None or high is None else f" ({decimal(low, 2)} to {decimal(high, 2)})"
    return f"{decimal(value, 2)}{interval}"


def bin_words(row: Row) -> str:
    r"""Return what stands under a bin: its name, and its values where they are numbers.

    Example:
        >>> bin_words({"group": "low", "property": "area", "from": 900.0, "to": 12000.0})
        'low\n900 to 12.0k'
        >>> bin_words({"group": "yes", "property": "touches_border", "from": 1.0, "to": 1.0})
        'yes'
    """
    span = span_words(row)
    return f"{row['group']}\n{span}" if span else str(row["group"])


def span_words(row: Row) -> str:
    """Return the values of a bin, from the smallest to the largest; empty where they are no numbers.

    Example:
        >>> span_words({"group": "low", "from": 15833.0, "to": 28804.0}), span_words({"group": "yes", "from": 1.0})
        ('15.8k to 28.8k', '')
    """
    if row["from"] is None or row["group"] in {"no", "yes"}:
        return ""
    return f"{_short(row['from'])} to {_short(row['to'])}"


def _short(value: float) -> str:
    if value >= THOUSANDS:
        return f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= WHOLE else f"{value:.2f}"


def units_words(unit: str) -> str:
    """Return what is resampled together, in the plural.

    Example:
        >>> units_words("linked group of patients"), units_words("patient")
        ('linked groups of patients', 'patients')
    """
    return unit.replace("group", "groups", 1) if "group" in unit else f"{unit}s"
