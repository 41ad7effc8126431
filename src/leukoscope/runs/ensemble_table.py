"""``members.csv``: what each member and each rule scored, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from leukoscope.evaluation import Score, Scores, evaluate
from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.runs.members import PARTS, Member

OF_ALL = ("weighted_f1", "roc_auc", "sensitivity", "specificity")
OF_A_CLASS = ("precision", "recall", "f1")
WHOLE = tuple(f"{part}_{what}" for part in PARTS for what in ("cells", "patients"))
OF_PATIENTS = ("roc_auc",)
CHOSEN_BY = "weighted_f1"
"""The score of the validation part by which one of several is the best."""
BOUNDS = ("low", "high")


@dataclass(frozen=True, eq=False)
class Scored:
    """One row of the table.

    Args:
        name: The member's or the rule's name.
        kind: Which of both it is.
        parts: Its scores of each part.
        folder: Where it lies, as the table is to say it; None for a table of predictions.
    """

    name: str
    kind: Literal["member", "rule"]
    parts: Mapping[str, Scores]
    folder: str | None = None


def scored_member(member: Member) -> Scored:
    """Return a member's row: a run's own scores as they stand in its folder, a table's scored now.

    Args:
        member: The member.
    """
    if member.run is not None:
        kept = member.run.scores["parts"]
        parts = {part: Scores.from_json(kept[part]) for part in PARTS}
        return Scored(member.name, "member", parts, str(member.run.folder.resolve()))
    return Scored(
        member.name, "member", {part: evaluate(member.said[part], threshold=member.threshold) for part in PARTS}
    )


def best_on_validation(rows: Sequence[Scored], kind: Literal["member", "rule"]) -> str | None:
    """Return the name of the member, or of the rule, of the largest weighted F1; None where nothing is known.

    Args:
        rows: Members and rules with their scores.
        kind: Which of both.
    """
    values = {one.name: one.parts["validation"].scores[CHOSEN_BY].value for one in rows if one.kind == kind}
    known = {name: value for name, value in values.items() if value is not None}
    return max(known, key=lambda name: known[name]) if known else None


def members_table(rows: Sequence[Scored]) -> pl.DataFrame:
    """Return the table.

    Args:
        rows: Members, then rules; all of the same classes.

    Returns:
        ``name``, ``kind``, ``folder``, ``threshold``; then for each part ``PART_cells``, ``PART_patients`` and
        ``PART_SCORE`` with ``PART_SCORE_low`` and ``PART_SCORE_high``: weighted F1, ROC AUC, sensitivity and
        specificity (two classes), ``precision_CLASS``, ``recall_CLASS``, ``f1_CLASS`` (and ``PART_support_CLASS``,
        its rows), and ``patient_roc_auc`` where it is known. Null where something is not defined.
    """
    found = [_row(row) for row in rows]
    return pl.DataFrame(found, schema={name: _kind(name) for name in found[0]})


def _kind(name: str) -> pl.DataType:
    if name in ("name", "kind", "folder"):
        return pl.String()
    counts = name in WHOLE or any(name.startswith(f"{part}_support_") for part in PARTS)
    return pl.Int64() if counts else pl.Float64()


def _row(row: Scored) -> dict[str, Any]:
    thresholds = [scores.threshold for scores in row.parts.values()]
    found: dict[str, Any] = {"name": row.name, "kind": row.kind, "folder": row.folder, "threshold": thresholds[0]}
    for part, scores in row.parts.items():
        found |= {f"{part}_cells": scores.cells, f"{part}_patients": scores.patients}
        for name, score in _shown(scores).items():
            found[f"{part}_{name}"] = score.value
            found |= {f"{part}_{name}_{bound}": getattr(score, bound) for bound in BOUNDS}
        found |= {f"{part}_support_{label}": of_class.support for label, of_class in scores.per_class.items()}
    return found


def _shown(scores: Scores) -> dict[str, Score]:
    shown = {name: scores.scores[name] for name in OF_ALL if name in scores.scores}
    for label, of_class in scores.per_class.items():
        shown |= {f"{name}_{label}": of_class.scores[name] for name in OF_A_CLASS}
    of_patients = scores.patient_scores or {}
    return shown | {f"{PATIENT_SCORE}{name}": of_patients.get(name, Score(None)) for name in OF_PATIENTS}
