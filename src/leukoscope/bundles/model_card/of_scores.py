"""How good the model was on its test part: rows of numbers with their intervals, and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leukoscope.bundles.model_card.known import Fields, at, joined, of_patients, title_of
from leukoscope.errors import counted
from leukoscope.evaluation.names import score_title
from leukoscope.evaluation.showing import PLURALS, score_text

OF_GROUP = {True: ("sensitivity", "specificity", "roc_auc"), False: ("accuracy", "balanced_accuracy", "macro_f1")}
"""The scores of a group of patients that are shown: of two classes, and of more."""
FACTS = {"sex": "sex", "age": "age (years)"}


def text(score: Mapping[str, Any] | None) -> str:
    """Return a score as people read it, with its interval."""
    if score is None:
        return "not known"
    return score_text(*(score.get(name) for name in ("value", "low", "high", "reason")))


def score_rows(scores: Mapping[str, Any] | None) -> list[list[str]]:
    """Return a row a score: its title, its value, its interval.

    Args:
        scores: Scores by name, as ``scores.json`` has them.
    """
    return [[score_title(name), *_apart(one)] for name, one in (scores or {}).items() if isinstance(one, Mapping)]


def _apart(score: Mapping[str, Any]) -> list[str]:
    value, low, high, reason = (score.get(name) for name in ("value", "low", "high", "reason"))
    if value is None:
        return ["n/a", reason or ""]
    if low is None or high is None:
        return [f"{value:.3f}", reason or "none"]
    return [f"{value:.3f}", f"{low:.3f} to {high:.3f}"]


def class_rows(fields: Fields) -> list[list[str]]:
    """Return a row a class: its title, how many there are, recall, precision."""
    known = at(fields, "about", "test", "per_class") or {}
    return [
        [title_of(fields, name), f"{one['support']:,}", text(one.get("recall")), text(one.get("precision"))]
        for name, one in known.items()
    ]


def group_head(fields: Fields, fact: str) -> list[str]:
    """Return the head of the table of a fact's groups."""
    rows = [] if of_patients(fields) else ["cells"]
    return [FACTS[fact], "patients", *rows, *map(score_title, _shown(fields))]


def group_rows(fields: Fields, fact: str) -> list[list[str]]:
    """Return a row a group of patients; where there are too few of them, why it has no scores."""
    rows = []
    for one in at(fields, "about", "subgroups", fact) or []:
        head = [one["name"], f"{one['patients']:,}", *([] if of_patients(fields) else [f"{one['rows']:,}"])]
        scores = [text(one["scores"].get(name)) for name in _shown(fields)]
        few = [one["reason"], *[""] * (len(scores) - 1)]
        rows.append([*head, *(few if one["reason"] else scores)])
    return rows


def _shown(fields: Fields) -> tuple[str, ...]:
    return OF_GROUP[len(fields["classes"]["names"]) == 2]  # noqa: PLR2004 - two classes


def size(fields: Fields) -> str | None:
    """Return on how many cells of how many patients it was tested."""
    test = at(fields, "about", "test")
    if test is None:
        return None
    patients = "patients not known" if test["patients"] is None else counted(test["patients"], "patient")
    return patients if test["unit"] == "patient" else f"{counted(test['cells'], 'cell')} of {patients}"


def intervals(fields: Fields) -> str | None:
    """Return what was resampled for the intervals; None where that is not known."""
    how = at(fields, "about", "test", "interval")
    if how is None or not how["replicates"]:
        return None
    what = (
        "single cells resampled, as no patients are known: too narrow"
        if how["unit"] == "cell"
        else "patients resampled"
    )
    drawn = counted(how["clusters"], how["unit"], PLURALS.get(how["unit"]))
    return f"{100 * how['level']:g} %, {what} ({drawn}, {how['replicates']:,} times)"


def headline(fields: Fields) -> str | None:
    """Return all scores of the test part in one line."""
    scores = fields.get("scores") or {}
    return joined(f"{score_title(name)} {text(one)}" for name, one in scores.items() if isinstance(one, Mapping))


def some(fields: Fields, *names: str) -> str | None:
    """Return some scores of the test part in one line; None where there is none of them."""
    scores = fields.get("scores") or {}
    return joined(f"{score_title(name)} {text(scores[name])}" for name in names if name in scores)


def classes_words(fields: Fields) -> str | None:
    """Return recall and precision of each class in one line."""
    return joined(
        f"{name}: recall {recall}, precision {precision}" for name, _, recall, precision in class_rows(fields)
    )


def groups_words(fields: Fields) -> str | None:
    """Return the groups of test patients, and which are too small, in one line; None where neither fact is known."""
    found = []
    for fact in FACTS:
        groups = at(fields, "about", "subgroups", fact)
        if groups:
            found.append(f"by {fact}: {', '.join(map(_group_words, groups))}")
    return joined(found)


def _group_words(one: Mapping[str, Any]) -> str:
    few = ", too few to be scored" if one["reason"] else ""
    return f"{one['name']} ({counted(one['patients'], 'patient')}{few})"


def calibration(fields: Fields) -> str | None:
    """Return how near stated probabilities come to how often it is so; before and after calibrating where it is."""
    before = "before recalibration: " if at(fields, "recalibrated") else ""
    return None if (said := _calibration(fields)) is None else before + said


def _calibration(fields: Fields) -> str | None:
    changed = at(fields, "about", "calibration")
    if changed and changed.get("kind") != "none" and changed.get("ece"):
        before, after = changed["ece"]["before"], changed["ece"]["after"]
        return f"calibration error (ECE) {before:.3f} before, {after:.3f} after calibrating ({changed['kind']})"
    measured = at(fields, "about", "test", "calibration", "ece")
    return None if measured is None else f"calibration error (ECE) {text(measured)}, not calibrated"


def referred(fields: Fields) -> str | None:
    """Return what referring does on the test part."""
    known = at(fields, "about", "referral")
    if known is None:
        return None
    if known.get("of") == "cells":
        return (
            f"share of cells referred: {text(known['referred'])}; accuracy of the rest: {text(known['accuracy'])} "
            f"({known['wanted']:g} wanted)"
        )
    covered = f"; the truth was among what is left: {text(known['covered'])}" if known.get("covered") else ""
    promised = f" (promised {known['promised']:g})" if covered and known.get("promised") else ""
    return f"share of patients referred: {text(known['referred'])}{covered}{promised}"


def elsewhere_rows(fields: Fields) -> list[list[str]]:
    """Return a row a score that was measured when the bundle was recalibrated, before and after, on the others."""
    known = at(fields, "recalibrated", "scores_of_rest") or {}
    sides = ("before", "after")
    return [
        [score_title(name), *("n/a" if one.get(side) is None else f"{one[side]:.3f}" for side in sides)]
        for name, one in known.items()
    ]


def elsewhere(fields: Fields) -> str | None:
    """Return on whom a recalibrated bundle was measured; None where it was not recalibrated."""
    rest = at(fields, "recalibrated", "rest")
    if rest is None:
        return None
    patients = counted(rest["patients"], "patient") if rest.get("patients") else "patients not known"
    cells = f"{counted(rest['cells'], 'cell')} of " if rest.get("cells") else ""
    return f"{cells}{patients} of {fields['recalibrated'].get('data') or 'other data'}, on whom nothing was fitted"


def flagged(fields: Fields) -> str | None:
    """Return which share of test cells is flagged as unlike the training cells."""
    known = at(fields, "about", "strangers")
    return None if known is None else f"share of test cells: {text(known['flagged'])}"
