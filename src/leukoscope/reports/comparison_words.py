"""How the numbers of a comparison are written on its page: formatting, nothing else."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.evaluation.names import smaller_is_better
from leukoscope.reports.words import NOTHING, decimal, metric_title

TESTS = {
    "mann_whitney": "Mann-Whitney U",
    "wilcoxon": "Wilcoxon, pairs",
    "corrected_t": "Corrected t, folds",
    "bootstrap": "Bootstrap by patient",
    "delong": "DeLong",
    "mcnemar": "McNemar",
    "mcnemar_cells": "McNemar on cells",
}
"""What each kind of test is called; tests of one kind are one family of Holm's correction."""
ALTERNATIVES = {
    "two-sided": "two-sided",
    "greater": "one-sided: the first side's values are higher",
    "less": "one-sided: the first side's values are lower",
}


def score_words(score: str) -> str:
    """Return a score's name as a title; of a loss, which way is up.

    Example:
        >>> score_words("patient_roc_auc"), score_words("brier")
        ('ROC AUC of patients', 'Brier score (smaller is better)')
    """
    title = metric_title(score)
    return f"{title} (smaller is better)" if smaller_is_better(score) else title


def kind_of_test(row: dict[str, Any]) -> str:
    """Return the kind of a test, a key of ``TESTS``.

    Args:
        row: A row of ``comparison.csv``.

    Example:
        >>> kind_of_test({"test": "mcnemar", "unit": "cell"}), kind_of_test({"test": "mcnemar", "unit": "patient"})
        ('mcnemar_cells', 'mcnemar')
    """
    return "mcnemar_cells" if row["test"] == "mcnemar" and row["unit"] == "cell" else str(row["test"])


def signed(value: float | None) -> str:
    """Return a difference with its sign.

    Example:
        >>> signed(0.0123), signed(-0.5), signed(0.0)
        ('+0.012', '-0.500', '0.000')
    """
    if value is None:
        return NOTHING
    said = decimal(value)
    return said if said.startswith("-") or not said.strip("0.") else f"+{said}"


def number(value: float | None) -> str:
    """Return a score for a table; a dash where there is none."""
    return NOTHING if value is None else decimal(value)


def behind_words(row: dict[str, Any]) -> str:
    """Return how many runs, cells and patients stand behind a test.

    Args:
        row: A row of ``comparison.csv``.

    Example:
        >>> print(behind_words({"unit": "run", "first_number": 5, "second_number": 4, "cells": 300, "patients": 20}))
        5 and 4 runs; 300 cells, 20 patients
        >>> print(behind_words({"unit": "cell", "cells": 300, "patients": 20, "groups": 18}))
        300 cells, 20 patients in 18 linked groups
    """
    runs = (
        [f"{row['first_number']} and {row['second_number']} runs"]
        if row["unit"] == "run" and row["first_number"]
        else []
    )
    rows = [counted(row[name], noun) for name, noun in (("cells", "cell"), ("patients", "patient")) if row[name]]
    if row.get("groups") and row["patients"] and row["groups"] < row["patients"]:
        rows[-1] += f" in {counted(row['groups'], 'linked group')}"
    return "; ".join([*runs, ", ".join(rows)]) if rows else "; ".join(runs) or NOTHING
