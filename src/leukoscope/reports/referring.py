"""When to refer, and what each wanted sensitivity costs: the rows of their tables; and calibration before and after."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.referring_cells import is_of_cells
from leukoscope.reports.words import (
    capitalised,
    decimal,
    kind_of,
    metric_title,
    percent_level,
    score_words,
    share_words,
)

MEASURED = ("ece", "brier", "log_loss")
RATES = ("sensitivity", "specificity")
WAYS = {
    "platt": "by Platt's logistic map",
    "isotonic": "by isotonic steps",
    "temperature": "by a temperature",
}
Rows = list[tuple[str, str]]


def referral(scores: dict[str, Any], part: dict[str, Any]) -> dict[str, Any] | None:
    """Return the section on referring patients; None where there is neither a band nor an operating point.

    Args:
        scores: ``scores.json`` with ``referral`` and ``operating_points``.
        part: Its main part, for the classes' titles.

    Returns:
        ``shares`` (name and words; empty without band), ``promised`` (as written), ``patients``, ``fitted_on`` (in
        words), ``notes``, ``points`` (rows of ``wanted``, ``threshold``, and ``validation`` and ``test``, each
        sensitivity and specificity in words).
    """
    found, points = scores.get("referral"), scores.get("operating_points") or []
    if is_of_cells(found) or (not found and not points):
        return None
    found = found or {}
    kinds = {name: kind_of(title, "patient") for name, title in zip(part["classes"], part["titles"], strict=True)}
    return {
        "shares": _shares(found, kinds) if found else [],
        "promised": percent_level(found["promised"]) if found else "",
        "patients": counted(found.get("patients") or part["cells"], "test patient"),
        "fitted_on": ", ".join(f"{number:,} {kinds[name]}" for name, number in (found.get("fitted_on") or {}).items()),
        "notes": found.get("notes") or [],
        "points": [_point(point) for point in points],
    }


def calibrated(scores: dict[str, Any]) -> dict[str, Any] | None:
    """Return the section on calibration; None where nothing was to be calibrated.

    Args:
        scores: ``scores.json`` with ``calibration``.

    Returns:
        ``left`` (whether nothing was changed), ``way`` (in words), ``rows`` (title, before, after), ``fitted_on`` and
        ``tested_on`` (in words), ``notes``.
    """
    found = scores.get("calibration")
    if not found or (found["kind"] == "none" and not found["notes"]):
        return None
    unit = "cell" if "cells" in found else "patient"
    return {
        "left": found["kind"] == "none",
        "way": WAYS.get(found["kind"], found["kind"]),
        "rows": [
            (metric_title(name), *(decimal(found[name][when]) for when in ("before", "after"))) for name in MEASURED
        ],
        "fitted_on": counted(found["fitted_on"], unit),
        "tested_on": counted(found[f"{unit}s"], f"test {unit}"),
        "notes": found["notes"],
    }


def evidence_words(found: dict[str, Any] | None) -> str:
    """Return how well the evidence finds the cells that are known to be malignant; empty where it was not measured.

    Args:
        found: ``evidence`` of ``scores.json``: ``roc_auc``, ``of_logits``, ``within``, ``patients``, ``cells``,
            ``known``.
    """
    if not found:
        return ""
    behind = (
        f"{counted(found['known'], 'cell')} known to be malignant among the {found['cells']:,} of "
        f"{counted(found['patients'], 'positive patient')}"
    )
    if found["roc_auc"].get("value") is None:
        return f"How well the evidence finds malignant cells cannot be told: {found['roc_auc'].get('reason')}."
    within = "" if found.get("within") is None else f"; within a patient {decimal(found['within'])} on average"
    logits = found.get("of_logits") or {}
    own = "" if logits.get("value") is None else f" The cells' own logits do so with {score_words(logits)}."
    return (
        f"The evidence finds the {behind} with ROC AUC {score_words(found['roc_auc'])}{within}; 0.5 is guessing.{own}"
    )


def _shares(found: dict[str, Any], kinds: dict[str, str]) -> Rows:
    rows = [("Referred", found["referred"])]
    rows += [(f"Referred of {kinds[name]}", share) for name, share in found["referred_of"].items()]
    rows += [("Truth among what is left", found["covered"])]
    rows += [(f"The same of {kinds[name]}", share) for name, share in found["covered_of"].items()]
    rows += [(f"{capitalised(name)} of those not referred", found[name]) for name in RATES if found.get(name)]
    if not found.get("sensitivity"):
        rows += [(f"Called rightly of {kinds[name]}, not referred", share) for name, share in found["recall"].items()]
    rows += [("Unlike every class (referred too)", found["unlike_any"])]
    return [(title, share_words(share)) for title, share in rows]


def _point(point: dict[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {"wanted": decimal(point["wanted"], 2), "threshold": decimal(point["threshold"])}
    parts = [part for part in ("validation", "test") if part in point]
    return rows | {part: [score_words(point[part][rate]) for rate in RATES] for part in parts}
