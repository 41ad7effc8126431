"""What the facts alone tell, beside the model: the rows of a table, and remarks on the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.score_rows import ScoreRow, score_row
from leukoscope.reports.words import NOTHING, capitalised, decimal, interval_words, metric_title, p_value

METRICS = ("roc_auc", "balanced_accuracy")
NOTES = ("circumstances", "left_out", "notes")


@dataclass(frozen=True)
class AblationRow:
    """One way to diagnose the same patients.

    Args:
        title: What it sees.
        model: Whether it is the run's model.
        scores: One for each of the table's metrics.
        more: What the model's ROC AUC is more than this one's, with its interval: ``+0.021 (-0.040 to 0.082)``.
        p: Of the paired test; a dash where there is none.
    """

    title: str
    model: bool
    scores: tuple[ScoreRow, ...]
    more: str
    p: str


def facts_alone(scores: dict[str, Any]) -> dict[str, Any] | None:
    """Return the section of the facts alone; None where there is nothing to say of facts.

    Args:
        scores: ``scores.json`` with ``ablations``, ``verdict`` and ``facts``.

    Returns:
        ``rows``, ``columns`` (the metrics' titles), ``patients`` (behind every number), ``verdict`` (a sentence),
        ``beats``, ``notes`` (sentences), ``remarks`` (``patient``, ``fact``, ``text``).
    """
    rows, facts = scores.get("ablations") or [], scores.get("facts") or {}
    notes = [sentence for name in NOTES for sentence in facts.get(name) or []]
    if not rows and not notes and not facts.get("remarks"):
        return None
    verdict = scores.get("verdict") or {}
    return {
        "rows": [_row(row) for row in rows],
        "columns": [metric_title(name) for name in METRICS],
        "patients": counted(rows[0]["patients"], "test patient") if rows else "",
        "verdict": verdict.get("sentence") or "",
        "beats": verdict.get("beats"),
        "seen": bool(facts.get("inputs")),
        "notes": notes,
        "remarks": facts.get("remarks") or [],
    }


def _row(row: dict[str, Any]) -> AblationRow:
    gain = (row.get("difference") or {}).get("roc_auc")
    return AblationRow(
        title=capitalised(row["title"].replace("_", " ")),
        model=bool(row.get("model")),
        scores=tuple(score_row(name, row["scores"].get(name), "patient") for name in METRICS),
        more=NOTHING if gain is None else _signed(gain),
        p=p_value(None if gain is None else gain.get("p")),
    )


def _signed(gain: dict[str, Any]) -> str:
    bounds = interval_words(gain)
    sign = "+" if gain["difference"] > 0 else ""
    return f"{sign}{decimal(gain['difference'])}" + (f" ({bounds})" if bounds else "")
