"""Which figures a comparison's page shows, from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.reports.comparison_words import score_words
from leukoscope.reports.figures.comparison_differences import MOST_ROWS, Difference, DifferencePanel
from leukoscope.reports.figures.comparison_distributions import ScorePanel, SideRuns

Row = dict[str, Any]


def distribution_panels(record: Row, runs: Sequence[Row]) -> list[ScorePanel]:
    """Return a panel a score with the runs of each side.

    Args:
        record: ``comparison.json``.
        runs: The rows of ``runs.csv``.
    """
    names = [side["name"] for side in record["sides"]]
    return [
        ScorePanel(score_words(score), tuple(SideRuns(name, _values(runs, name, score)) for name in names))
        for score in record["scores"]
    ]


def difference_panels(record: Row, tests: Sequence[Row]) -> tuple[list[DifferencePanel], list[str]]:
    """Return a panel a score with the bootstrap of each pair of runs, and the rows' names; empty where there is none.

    Args:
        record: ``comparison.json``.
        tests: The rows of ``comparison.csv``.
    """
    found = {
        (row["score"], row["second"], row["first_run"], row["second_run"]): row
        for row in tests
        if row["test"] == "bootstrap" and row["refused"] is None
    }
    pairs = list(dict.fromkeys(key[1:] for key in found))[:MOST_ROWS]
    others = [side["name"] for side in record["sides"][1:]]
    panels = [
        DifferencePanel(score_words(score), tuple(_difference(found.get((score, *pair)), others) for pair in pairs))
        for score in record["scores"]
    ]
    return (panels, [_pair_words(*pair) for pair in pairs]) if pairs else ([], [])


def _values(runs: Sequence[Row], side: str, score: str) -> dict[str, float]:
    own = [row for row in runs if row["side"] == side and row[score] is not None]
    # Runs of one seed on the same rows have one key, and are joined.
    return {f"{row['seed']} {row['rows_sha256']}": row[score] for row in own}


def _difference(row: Row | None, others: Sequence[str]) -> Difference | None:
    if row is None:
        return None
    return Difference(row["second"], row["difference"], row["low"], row["high"], others.index(row["second"]))


def _pair_words(second: str, first_run: str, second_run: str) -> str:
    runs = second_run if first_run == second_run else f"{first_run}, {second_run}"
    return second if second == second_run else f"{second}: {runs}"
