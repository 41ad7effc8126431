"""What is said of the rule that takes the surest model: is it surer than it is right?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope.reports.words import counted_units, decimal, of_hundred, p_value

RULE, AVERAGE = "most_confident", "average"
STATES = ("before", "after")

Row = Mapping[str, Any]


def flaw_sentences(record: Row, calibration: Sequence[Row], differences: Sequence[Row]) -> list[str]:
    """Return the flaw of ``most_confident`` in words, from the numbers of the test part.

    Args:
        record: ``ensemble.json``.
        calibration: The rows of ``calibration.csv``.
        differences: Those of ``against_average.csv``.

    Returns:
        One sentence after the other; none where the rule was not asked for.
    """
    rows = {(row["kind"], row["name"], row["state"]): row for row in calibration}
    own = rows.get(("rule", RULE, "before"))
    if own is None or RULE not in record["rules"]:
        return []
    average = rows.get(("rule", AVERAGE, "before"))
    members = [row for row in calibration if row["kind"] == "member" and row["state"] == "before"]
    said = [_sureness(own, average, str(record["unit"])), _verdict(own, members)]
    said += _calibrated(rows)
    return said + [_difference(row) for row in differences if row["name"] == RULE and row["score"] == "log_loss"]


def _sureness(own: Row, average: Row | None, unit: str) -> str:
    beside = "" if average is None else f"; the average of the same models is {_pair(average)}"
    return f"Of the {unit}s of the test part, most confident is {_pair(own)}{beside}."


def _pair(row: Row) -> str:
    return f"{of_hundred(row['mean_confidence'])} % sure on average, and right on {of_hundred(row['share_right'])} %"


def _verdict(own: Row, members: Sequence[Row]) -> str:
    best = max(members, key=lambda row: float(row["share_right"]))
    sure = own["mean_confidence"]
    if sure > max(own["share_right"], best["share_right"]):
        return (
            "By taking the surest of several, it is more sure than any is right: the model that is right most often "
            f"({best['name']}) is so on {of_hundred(best['share_right'])} %."
        )
    if sure > own["share_right"]:
        return "By taking the surest of several, it is more sure than it is right."
    return "Here that does not make it too sure: it is right at least as often as it is sure."


def _calibrated(rows: Mapping[tuple[str, str, str], Row]) -> list[str]:
    courses = []
    for name, whose in ((RULE, "its"), (AVERAGE, "the average's")):
        found = [row for state in STATES if (row := rows.get(("rule", name, state))) is not None]
        errors = [row["ece"] for row in found if row["ece"] is not None]
        if len(errors) == len(STATES):
            courses.append((whose, f"from {decimal(errors[0])} to {decimal(errors[1])}"))
    if not courses or courses[0][0] != "its":
        return []
    further = "".join(f", {whose} {course}" for whose, course in courses[1:])
    return [f"With a calibration fitted on validation its calibration error goes {courses[0][1]}{further}."]


def _difference(row: Row) -> str:
    if row["difference"] is None:
        return f"Its log-loss cannot be set against that of the average: {row['note']}"
    found = f"Its log-loss less that of the average is {row['difference']:+.3f}"
    if row["low"] is None:
        return f"{found}."
    return (
        f"{found} ({row['low']:+.3f} to {row['high']:+.3f}, p {p_value(row['p'])}; "
        f"{counted_units(int(row['clusters']), row['unit'])} resampled): {_better(row)}."
    )


def _better(row: Row) -> str:
    if row["low"] <= 0 <= row["high"]:
        return "no difference can be told from chance"
    return "the average is the better one" if row["low"] > 0 else "most confident is the better one"
