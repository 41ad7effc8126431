"""Groups and lineages of classes as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.published_figure import published_figure
from leukoscope.reports.score_rows import ScoreRow, score_row
from leukoscope.reports.words import NOTHING, decimal, metric_title, no_interval_words, score_words, unit_of

METRICS = ("roc_auc", "sensitivity", "specificity", "precision")


@dataclass(frozen=True)
class GroupRow:
    """One group.

    Args:
        title: What it is.
        classes: Its classes in words, and those that are not here.
        support: Cells of it, of all.
        threshold: From which P(group) on it is called; a dash where only classes were called.
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
        "how": _how(found["groups"], unit_of(part)),
        "sources": "; ".join(sources),
        "lineages": _lineages(found["lineages"], unit_of(part)),
    }


def _how(groups: list[dict[str, Any]], unit: str) -> str:
    """Return how groups were called, in sentences; empty where there are none.

    The threshold of their scores is None where the predictions are called classes: then nothing was cut.
    """
    if not groups:
        return ""
    if all(group["scores"]["threshold"] is None for group in groups):
        return (
            f"the predictions are called classes without probabilities. A {unit} that was called one of its classes is "
            "said to be of the group."
        )
    summed = "the probability of a group is the sum of those of its classes. From"
    chosen = [group["threshold"] is not None for group in groups]
    if not any(chosen):
        return f"{summed} 0.5 on, a {unit} is said to be of the group; no threshold was chosen."
    half = "" if all(chosen) else f" Where that has no {unit} of the group, or no other, 0.5 is taken."
    taken = f"a {unit} is said to be of the group; the threshold was chosen on the validation part."
    return f"{summed} the threshold on, {taken}{half}"


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
        threshold=_threshold(threshold, own["threshold"]),
        scores=tuple(score_row(name, of_group.get(name)) for name in METRICS),
        published=NOTHING if figure is None else figure.words,
    )


def _threshold(chosen: dict[str, Any] | None, taken: float | None) -> str:
    if taken is None:
        return NOTHING
    return decimal(taken) if chosen is not None else f"{decimal(taken)}, not chosen"


def _lineages(found: dict[str, Any] | None, unit: str) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "names": found["names"],
        "rows": list(zip(found["names"], found["table"], strict=True)),
        "sentence": _sentence(found, unit),
    }


def _sentence(found: dict[str, Any], unit: str) -> str:
    if not found["errors"]:
        return f"No {unit} was called wrong."
    share, stay = score_words(found["share"]), "stays" if found["within"] == 1 else "stay"
    alone = no_interval_words(found["share"])
    return (
        f"Of {counted(found['errors'], 'error')}, {found['within']:,} {stay} within a lineage: a share of {share}"
        f"{f' ({alone})' if alone else ''}. If errors fell on the other classes in proportion to how often each is "
        f"called, the share would be {decimal(found['by_chance'], 2)}."
    )
