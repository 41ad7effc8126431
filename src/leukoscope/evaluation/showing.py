"""Scores as tables: for the terminal, for notebooks, for reports."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from leukoscope.errors import counted
from leukoscope.evaluation.names import TITLES

if TYPE_CHECKING:
    from leukoscope.evaluation.scores import Score, Scores

PLURALS = {"linked group of patients": "linked groups of patients"}
# Told from the text around it on light and on dark pages alike.
RED = "#d1242f"
CLASS_BLOCKS = (("precision", "recall", "f1"), ("specificity", "roc_auc", "pr_auc"))

SMALLEST_P = 0.001
"""A smaller p is written as smaller than this."""

TABLE_SCHEMA = {
    "of": pl.String(),
    "score": pl.String(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "reason": pl.String(),
}


def scores_table(scores: Scores) -> pl.DataFrame:
    """Return all scores as one table.

    Returns:
        Columns ``of`` (``cells``, ``patients`` or ``class NAME``), ``score``, ``value``, ``low``, ``high`` (null where
        not defined), ``reason``. Where the rows are patients, ``patients`` are those scores and there are no ``cells``.
    """
    blocks = {f"{scores.unit}s": scores.scores}
    if scores.unit == "cell":
        blocks["patients"] = scores.patient_scores or {}
    blocks |= {f"class {name}": one.scores for name, one in scores.per_class.items()}
    rows = [
        (of, name, score.value, score.low, score.high, score.reason)
        for of, block in blocks.items()
        for name, score in block.items()
    ]
    return pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row")


def p_text(p: float) -> str:
    """Return a p value as people read it.

    Example:
        >>> p_text(0.0312), p_text(0.00002), p_text(1.0)
        ('p = 0.031', 'p < 0.001', 'p = 1.000')
    """
    return f"p < {SMALLEST_P}" if p < SMALLEST_P else f"p = {p:.3f}"


def score_text(value: float | None, low: float | None, high: float | None, reason: str | None) -> str:
    """Return a score as people read it.

    Example:
        >>> print(score_text(0.68666, 0.6, 0.75, None))
        0.687 (0.600 to 0.750)
        >>> print(score_text(None, None, None, "nothing was called 'eo'"))
        n/a (nothing was called 'eo')
    """
    if value is None:
        return f"n/a ({reason})"
    if low is None or high is None:
        return f"{value:.3f}" + (f" (no interval: {reason})" if reason else "")
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def as_text(scores: Scores) -> str:
    """Return scores as aligned lines of text."""
    blocks = [*_leak(scores), _head(scores)]
    for title, rows in _tables(scores):
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        blocks.append("\n".join([title, *(line.rstrip() for line in lines)]))
    blocks += ["\n".join(f"note: {note}" for note in scores.notes)] if scores.notes else []
    return "\n\n".join(blocks)


def as_html(scores: Scores) -> str:
    """Return scores as HTML tables, every text escaped."""
    parts = [f'<p style="color:{RED}"><b>{html.escape(mark)}</b></p>' for mark in _leak(scores)]
    parts.append(f"<p><b>{'<br>'.join(map(html.escape, _head(scores).splitlines()))}</b></p>")
    for title, rows in _tables(scores):
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        parts.append(f"<table><caption>{html.escape(title)}</caption>{body}</table>")
    parts += [f"<p>note: {html.escape(note)}</p>" for note in scores.notes]
    return "".join(parts)


def _leak(scores: Scores) -> list[str]:
    return [] if scores.leakage is None else [f"LEAKAGE: {scores.leakage}"]


def _head(scores: Scores) -> str:
    rows = counted(scores.cells, scores.unit)
    if scores.unit == "cell":
        rows += ", patients unknown" if scores.patients is None else f", {counted(scores.patients, 'patient')}"
    part = "" if scores.part == "all" else f" of {scores.part}"
    lines = [f"Scores{part}: {rows}"]
    if scores.interval.replicates:
        lines.append(f"{100 * scores.interval.level:g} % intervals: {scores.interval.method}")
        drawn = counted(scores.interval.clusters, scores.interval.unit, PLURALS.get(scores.interval.unit))
        lines.append(f"  ({drawn}, {scores.interval.replicates:,} resamples)")
    if scores.threshold is not None:
        lines.append(f"{scores.classes.positive} is called from a probability of {scores.threshold:.4g}")
    return "\n".join(lines)


def _tables(scores: Scores) -> list[tuple[str, list[list[str]]]]:
    found = [(f"of the {scores.unit}s", _rows(scores.scores))]
    found += [("of each class", _class_rows(scores, block)) for block in CLASS_BLOCKS]
    names = list(scores.classes.names)
    matrix = [[name, *(f"{cells:,}" for cells in row)] for name, row in zip(names, scores.confusion, strict=True)]
    found.append(("true class by called class", [["", *names], *matrix]))
    if scores.patient_scores:
        found.append(("of the patients' calls", _rows(scores.patient_scores)))
    return found


def _rows(scores: Mapping[str, Score]) -> list[list[str]]:
    # Scores without a value share a few reasons: each is told once, with all the scores that it is of.
    rows = [[TITLES[name], str(score)] for name, score in scores.items() if score.value is not None]
    reasons: dict[str, list[str]] = {}
    for name, score in scores.items():
        if score.value is None:
            reasons.setdefault(str(score), []).append(TITLES[name])
    return rows + [[", ".join(names), text] for text, names in reasons.items()]


def _class_rows(scores: Scores, block: tuple[str, ...]) -> list[list[str]]:
    rows = [["class", f"{scores.unit}s", *(TITLES[name] for name in block)]]
    for name, one in scores.per_class.items():
        texts = ["n/a" if one.scores[score].value is None else str(one.scores[score]) for score in block]
        rows.append([name, f"{one.support:,}", *texts])
    return rows
