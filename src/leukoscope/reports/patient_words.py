"""What the pages of patients say in words."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.patient_tables import PatientTables
from leukoscope.reports.referring import WAYS
from leukoscope.reports.words import decimal, of_hundred

REFERRED = "refer to a further test"
MOST_DIGITS = 6
Row = dict[str, Any]


def answer(tables: PatientTables, row: Row) -> str:
    """Return what a patient is called, or that the patient is referred.

    Args:
        tables: The evidence.
        row: The patient's row.
    """
    return REFERRED if row["referred"] else tables.title(row["called"])


def why_so_called(tables: PatientTables, row: Row) -> str:
    """Return the sentence that says how the probability led to the answer."""
    threshold = 0.5 if tables.record["threshold"] is None else float(tables.record["threshold"])
    stated, limit = told_apart(row["probability"], threshold if tables.positive else None)
    asked = f"the probability of “{tables.title(row['explained'])}”, {stated},"
    if row["referred"]:
        reason = row["reason"] or "more than one answer remains possible with the promised reliability"
        title = tables.title(row["explained"])
        return (
            f"No answer is given. The probability of “{title}” is {stated}; {reason}. A further test, such as flow "
            "cytometry, should decide."
        )
    if tables.positive is None:
        return f"Of all classes “{tables.title(row['called'])}” is the most probable one."
    reaches = "reaches" if row["called"] == row["explained"] else "stays below"
    return f"The answer is “{tables.title(row['called'])}”, for {asked} {reaches} the threshold of {limit}."


def calibration_words(kind: str) -> str:
    """Return whether the probabilities of the patients' pages are calibrated.

    Args:
        kind: ``calibration`` of ``evidence.json``.

    Example:
        >>> calibration_words("none")
        'As the network states it: not calibrated.'
    """
    if kind == "none":
        return "As the network states it: not calibrated."
    way = WAYS.get(kind, kind)
    return (
        f"Calibrated {way} on other patients than these, as is the threshold: what the model that is given away says."
    )


def held_against_truth(tables: PatientTables, row: Row) -> str:
    """Return what is known of the patient's true class, and whether the answer agrees."""
    if row["label"] is None:
        return "The true class of this patient is not known here."
    known = f"The label of this patient is “{tables.title(row['label'])}”"
    if row["referred"]:
        return f"{known}."
    return f"{known}: the answer is {'right' if row['label'] == row['called'] else 'wrong'}."


def sum_words(row: Row) -> str:
    """Return how the cells' contributions stand to the logit."""
    cells = counted(int(row["cells"]), "cell")
    if row["sums"]:
        return f"The contributions of {cells} add up to {signed(row['evidence'])}: what the pictures alone say."
    return (
        "With this network contributions do not add up to the answer: they only say which way, and how strongly, each "
        f"of {cells} pulls."
    )


def interval_words(row: Row) -> str:
    """Return the range of the probability in words; that there is none where there is none."""
    if row["low"] is None or row["high"] is None:
        return "no range: it cannot be told here"
    return f"range {of_hundred(row['low'])} to {of_hundred(row['high'])}\N{NO-BREAK SPACE}%"


def signed(value: float, digits: int = 3) -> str:
    """Return a number with its sign, a true minus below 0; zero has none.

    Example:
        >>> signed(0.1234), signed(2.0, 1), signed(0.00001)
        ('+0.123', '+2.0', '0.000')
    """
    said = decimal(value, digits)
    if said.startswith("-"):
        return "\N{MINUS SIGN}" + said[1:]
    return f"+{said}" if said.strip("0.") else said


def evidence_words(value: float) -> str:
    """Return a contribution with as many digits as it takes to see it.

    Example:
        >>> evidence_words(0.5), evidence_words(0.00123), evidence_words(0.0)
        ('+0.500', '+0.0012', '0')
    """
    if value == 0:
        return "0"
    size = abs(value)
    digits = next((digits for digits, least in ((3, 0.01), (4, 0.001), (5, 0.0001)) if size >= least), 6)
    return signed(value, digits)


def told_apart(value: float, limit: float | None) -> tuple[str, str]:
    """Return two shares with as many digits as it takes to see which is the larger."""
    if limit is None or value == limit or of_hundred(value) != of_hundred(limit):
        return _hundred(value), "" if limit is None else _hundred(limit)
    digits = next((digits for digits in range(1, MOST_DIGITS) if _more(value, digits) != _more(limit, digits)), None)
    said = MOST_DIGITS if digits is None else digits
    return _more(value, said), _more(limit, said)


def _more(share: float, digits: int) -> str:
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def _hundred(share: float) -> str:
    return f"{of_hundred(share)}\N{NO-BREAK SPACE}%"
