"""What the paper's own split, which leaks, makes of the scores: the difference in words and rows."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.words import decimal, metric_title


def gap_section(gap: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the page says of the run on the paper's own split; None where there is none.

    Args:
        gap: ``gap.json``.

    Returns:
        ``sentence``, ``reason``, ``statement``, ``link`` (its report, relative to this one), ``tested``,
        ``tested_as_published``, and ``rows``: ``title``, and ``own``, ``as_published``, ``difference`` as text.
    """
    if gap is None or not gap["rows"]:
        return None
    rows = [
        {
            "title": metric_title(row["score"]),
            "own": _with_interval(row["own"]),
            "as_published": _with_interval(row["as_published"]),
            "difference": _with_interval(row["difference"], signed=True),
        }
        for row in gap["rows"]
    ]
    return {
        "sentence": _sentence(gap),
        "reason": gap["reason"],
        "statement": gap["statement"],
        "link": f"{gap['folder']}/report.html",
        "tested": gap["tested"],
        "tested_as_published": gap["tested_as_published"],
        "rows": rows,
    }


def _sentence(gap: dict[str, Any]) -> str:
    first = gap["rows"][0]
    name = metric_title(first["score"])
    theirs, ours, apart = (decimal(first[key]["value"]) for key in ("as_published", "own", "difference"))
    both = f"{name} is {theirs} on the paper\u2019s own split and {ours} on patients never seen"
    if not gap["leaks"]:
        return f"{both}; here the paper\u2019s split parts no patient, so the difference, {apart}, is no leak."
    low, high = first["difference"]["low"], first["difference"]["high"]
    if low is None or high is None:
        return f"{both}: a difference of {apart}, of which nothing is known how it would vary."
    within = f"({decimal(low)} to {decimal(high)})"
    if high < 0:
        return f"{both}: a difference of {apart} {within}; here the leak does not flatter."
    if low > 0:
        return f"{both}: testing on patients that were learnt from flatters it by {apart} {within}."
    return f"{both}: a difference of {apart} {within}, which so few patients cannot tell from none."


def _with_interval(found: dict[str, float | None], *, signed: bool = False) -> str:
    value, low, high = found["value"], found["low"], found["high"]
    assert value is not None, "rows without a value are left out"
    said = f"{'+' if signed and value > 0 else ''}{decimal(value)}"
    return said if low is None or high is None else f"{said} ({decimal(low)} to {decimal(high)})"
