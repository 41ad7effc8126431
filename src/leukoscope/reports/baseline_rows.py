"""The network's scores beside those of rules that see a few numbers of a picture and nothing of the cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.reports.score_rows import ScoreRow, score_row
from leukoscope.reports.words import capitalised, metric_title

METRICS = ("roc_auc", "balanced_accuracy", "weighted_f1")
# What each is to a reader, in the order of the table's rows; a rule of another name follows with its title alone.
ROLES = {
    "best_statistic": "the best single rule",
    "global_statistics": "all global statistics",
    "handcrafted": "hand-crafted measures",
}


@dataclass(frozen=True)
class BaselineRow:
    """The network, or a rule.

    Args:
        title: What it sees.
        role: What it is beside the others; may be empty.
        scores: One for each of the table's columns.
    """

    title: str
    role: str
    scores: tuple[ScoreRow, ...]


def baseline_rows(baselines: dict[str, Any], part: dict[str, Any]) -> tuple[list[str], list[BaselineRow]]:
    """Return the table of baselines: its columns' titles, and the network's row before those of the rules.

    Args:
        baselines: ``baselines`` of ``scores.json``, by name: ``title``, and ``scores`` with the ``value``, ``low`` and
            ``high`` of each metric.
        part: The part of ``scores.json`` that they were scored on.

    Returns:
        No column and no row where there is no baseline.
    """
    if not baselines:
        return [], []
    order = [*(name for name in ROLES if name in baselines), *(name for name in baselines if name not in ROLES)]
    network = BaselineRow("The network", "", _scores(part["scores"]))
    rules = [
        BaselineRow(
            capitalised(baselines[name].get("title") or name.replace("_", " ")),
            ROLES.get(name, ""),
            _scores(baselines[name].get("scores") or {}),
        )
        for name in order
    ]
    return [metric_title(name) for name in METRICS], [network, *rules]


def baseline_sentences(baselines: dict[str, Any]) -> list[str]:
    """Return what the run says of the rules that were compared with it pair by pair.

    Args:
        baselines: As in ``baseline_rows``, with a ``sentence`` where there is one.
    """
    return [entry["sentence"] for entry in baselines.values() if entry.get("sentence")]


def _scores(scores: dict[str, Any]) -> tuple[ScoreRow, ...]:
    return tuple(score_row(name, scores.get(name)) for name in METRICS)
