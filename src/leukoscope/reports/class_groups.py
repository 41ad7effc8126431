"""Groups and lineages of classes as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.published_figure import published_figure
from leukoscope.reports.score_rows import ScoreRow, score_row
from leukoscope.reports.words import NOTHING, decimal, metric_title

METRICS = ("roc_auc", "sensitivity", "specificity", "precision")


@dataclass(frozen=True)
class GroupRow:
    """One group.

    Args:
        title: What it is.
        classes: Its classes in words, and those that are not here.
        support: Cells of it, of all.
        threshold: Where it is called, or why at 0.5.
        scores: One for each of the table's columns.
        published: A published ROC AUC; a dash where there is none.
    """

    title: str
    classes: str
    support: str
    threshold: str
    scores: tuple[ScoreRow, ...]
    published: str


def class_groups_section(scores: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the page says of groups of classes; None where there are none.

    Args:
        scores: ``scores.json``.
    """
    found = scores.get("class_groups")
    if not found:
        return None
    part = next(iter(scores["parts"].values()))
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    sources = list(dict.fromkeys(group["source"] for group in found["groups"] if group["source"]))
    return {
        "columns": [metric_title(name) for name in METRICS],
        "rows": [_row(group, titles) for group in found["groups"]],
        "sources": "; ".join(sources),
        "lineages": _lineages(found["lineages"]),
    }


def _row(group: dict[str, Any], titles: dict[str, str]) -> GroupRow:
    own, threshold = group["scores"], group["threshold"]
    of_group = {**own["scores"], "precision": own["per_class"][group["name"]].get("precision")}
    present = [titles[name] for name in group["classes"] if name in titles]
    absent = f" (not here: {', '.join(group['absent'])})" if group["absent"] else ""
    figure = published_figure(group["published"].get("roc_auc"))
    return GroupRow(
        title=group["title"],
        classes=", ".join(present) + absent,
        support=f"{own['per_class'][group['name']]['support']:,} of {own['cells']:,}",
        threshold="0.500, not chosen" if threshold is None else decimal(threshold["value"]),
        scores=tuple(score_row(name, of_group.get(name)) for name in METRICS),
        published=NOTHING if figure is None else figure.words,
    )


def _lineages(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "names": found["names"],
        "rows": list(zip(found["names"], found["table"], strict=True)),
        "sentence": _sentence(found),
    }


def _sentence(found: dict[str, Any]) -> str:
    if not found["errors"]:
        return "No cell was called wrong."
    share = score_row("accuracy", found["share"])
    bounds = f" ({share.interval})" if share.interval else ""
    return (
        f"Of {counted(found['errors'], 'error')}, {found['within']:,} stay within a lineage: a share of "
        f"{share.value}{bounds}. Errors that fell on other classes as often as these are called would give "
        f"{decimal(found['by_chance'])}."
    )
