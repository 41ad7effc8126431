"""The first screen: what is answered, for whom, how well, and how far one can trust it, in plain words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from leukoscope.errors import counted
from leukoscope.reports.referring_cells import is_of_cells
from leukoscope.reports.tables import RunTables
from leukoscope.reports.verdicts import Verdict, verdicts
from leukoscope.reports.words import (
    NOT_AVAILABLE,
    capitalised,
    decimal,
    interval_words,
    kind_of,
    metric_title,
    no_interval_words,
    of_hundred,
    percent_level,
    unit_of,
)

# Which way of a score is good decides the colour of its bar, nothing else.
Good = Literal["high", "low"]


@dataclass(frozen=True)
class Card:
    """One headline figure.

    Args:
        before: The words before the number: "Of 100 normal cells it wrongly alarms on".
        number: The number as written, or ``n/a``.
        interval: "95 % interval 12 to 27", or why there is none; may be empty.
        after: A sentence that explains the number, or why there is none.
        value: Where the bar ends, 0 to 1; None for no bar.
        low: Lower end of the interval on the bar; None for none.
        high: Upper end.
        good: Which end of the bar is the good one.
        further: A second figure, in a sentence; empty where there is none.
    """

    before: str
    number: str
    interval: str
    after: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    good: Good = "high"
    further: str = ""


@dataclass(frozen=True)
class FirstScreen:
    """All that stands on the first screen.

    Args:
        question: What the model answers.
        kinds: The classes' titles, where there are more than two.
        lead: On how many cells of how many patients.
        cards: The headline figures.
        verdicts: How far one can trust them.
    """

    question: str
    kinds: tuple[str, ...]
    lead: str
    cards: tuple[Card, ...]
    verdicts: tuple[Verdict, ...]


def first_screen(tables: RunTables) -> FirstScreen:
    """Put the first screen together from the tables."""
    part = tables.scores["parts"][tables.main_part]
    binary = part.get("positive") is not None
    return FirstScreen(
        question=_question(part),
        kinds=() if binary else tuple(part["titles"]),
        lead=_lead(tables, part),
        cards=(*(_binary_cards(part) if binary else _many_cards(part)), *_referral_card(tables, part)),
        verdicts=verdicts(tables),
    )


def _question(part: dict[str, Any]) -> str:
    if part.get("positive") is None:
        number = len(part["titles"])
        of_patients = f"Which of {number} classes is this patient of?"
        return of_patients if unit_of(part) == "patient" else f"Which of {number} kinds of cell is this?"
    positive, negative = _two(part)
    return f"{capitalised(positive)} or {negative}?"


def _two(part: dict[str, Any]) -> tuple[str, str]:
    place = part["classes"].index(part["positive"])
    return part["titles"][place], part["titles"][1 - place]


def _lead(tables: RunTables, part: dict[str, Any]) -> str:
    unit = unit_of(part)
    asked = counted(part["cells"], unit) if unit == "patient" else _whom(part)
    counts = (tables.run.get("split") or {}).get("counts") or {}
    validated = tables.scores.get("validated")
    if validated:
        return f"The bundle {validated['bundle']!r} was asked about {asked} of another data set, {validated['data']!r}."
    if not counts:
        return f"Answers for {asked} were held against the truth. What they were learned from is not known here."
    whom = _whom(_learnt(counts, whole=tables.out_of_fold), unit)
    members = tables.run.get("ensemble_of") or []
    who = f"An ensemble of {counted(len(members), 'model')}" if members else "A network"
    learned = f"{who} learned from {whom} and was then asked about {asked}"
    if tables.leakage:
        return f"{learned}. Because of the leakage it may have seen some of them, or their like, before."
    if part.get("patients") or unit_of(part) == "patient":
        return f"{learned} whom it had never seen."
    return f"{learned} that it had never seen. Whose cells they are is not known."


def _learnt(counts: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    parts = [counts.get(name, {}) for name in ("train", "validation")[: 1 + whole]]
    return {of: sum(part.get(of) or 0 for part in parts) for of in ("cells", "patients")}


def _whom(counts: dict[str, Any], unit: str = "cell") -> str:
    cells = counted(counts.get("cells", 0), "cell")
    if unit == "patient" and counts.get("patients"):
        return f"{counted(counts['patients'], 'patient')} ({cells})"
    return f"{cells} of {counted(counts['patients'], 'patient')}" if counts.get("patients") else cells


def _binary_cards(part: dict[str, Any]) -> list[Card]:
    positive, negative = (kind_of(title, unit_of(part)) for title in _two(part))
    scores = part["scores"]
    alarms = _reversed(scores.get("specificity"))
    cards = [
        _share_card(
            f"Of 100 {positive} it finds", scores.get("sensitivity"), part, "Sensitivity. The rest are missed."
        ),
        _share_card(f"Of 100 {negative} it wrongly alarms on", alarms, part, "100 minus specificity.", good="low"),
        _auc_card(scores.get("roc_auc"), part, positive, negative),
    ]
    own = (part.get("patient_scores") or {}).get("accuracy")
    if isinstance(own, dict) and own.get("value") is not None:
        after = f"Each patient's own call, from all of their cells; {counted(part['patients'], 'patient')}."
        card = _share_card("Of 100 patients like these it calls right", own, part, after)
        cards.append(replace(card, further=_patients_auc(part)))
    return cards


def _patients_auc(part: dict[str, Any]) -> str:
    score = part["patient_scores"].get("roc_auc")
    if score is None or score.get("value") is None:
        return f"ROC AUC of the patients: n/a. {_reason(score)}."
    bounds = interval_words(score, 2)
    interval = f"{_level(part)} interval {bounds}" if bounds else no_interval_words(score)
    said = f" ({interval})" if interval else ""
    return f"ROC AUC of the patients: {decimal(score['value'], 2)}{said}, ranked by their cells' mean probability."


def _auc_card(score: dict[str, Any] | None, part: dict[str, Any], positive: str, negative: str) -> Card:
    after = f"1 is perfect, 0.5 is guessing: how well {positive} are ranked above {negative}, at any threshold."
    return _decimal_card("roc_auc", score, part, after)


def _referral_card(tables: RunTables, part: dict[str, Any]) -> list[Card]:
    """Return how many patients, or cells, are referred; nothing where the run refers nobody."""
    found = tables.scores.get("referral")
    if not found:
        return []
    if is_of_cells(found):
        return [_cell_referral_card(found, part)]
    covered = found.get("covered") or {}
    kept = "" if covered.get("value") is None else f", kept for {of_hundred(covered['value'])}"
    after = (
        f"The others get one class. Promised: the truth is among what is left for {of_hundred(found['promised'])} of "
        f"100{kept}; {counted(found['patients'], 'patient')}."
    )
    return [_share_card("Of 100 patients it refers to a further test", found["referred"], part, after, good="low")]


def _cell_referral_card(found: dict[str, Any], part: dict[str, Any]) -> Card:
    kept, alike = found["accuracy"].get("value"), " Patients weigh alike." if found["patients"] is not None else ""
    after = "No cell is called: the wanted accuracy could not be reached."
    if kept is not None:
        after = f"Of 100 others it calls {of_hundred(kept)} rightly; {of_hundred(found['wanted'])} were wanted.{alike}"
    return _share_card("Of 100 cells it refers to a person", found["referred"], part, after, good="low")


def _many_cards(part: dict[str, Any]) -> list[Card]:
    scores, unit = part["scores"], unit_of(part)
    cards = [
        _share_card(
            f"Of 100 {unit}s it names rightly",
            scores.get("accuracy"),
            part,
            "Accuracy. The rest are taken for another kind.",
        ),
        _decimal_card(
            "macro_f1", scores.get("macro_f1"), part, "1 is perfect. Every kind counts the same, rare or common."
        ),
    ]
    rated = [
        (entry["recall"]["value"], name)
        for name, entry in part["per_class"].items()
        if (entry.get("recall") or {}).get("value") is not None
    ]
    if rated:
        name = min(rated)[1]
        kind = kind_of(part["titles"][part["classes"].index(name)], unit)
        after = "The kind it recognises worst."
        cards.append(_share_card(f"Of 100 {kind} it recognises", part["per_class"][name]["recall"], part, after))
    return cards


def _reversed(score: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the score of the opposite: specificity as the share of false alarms."""
    if score is None or score.get("value") is None:
        return score
    low, high = score.get("low"), score.get("high")
    return {
        "value": 1 - score["value"],
        "low": None if high is None else 1 - high,
        "high": None if low is None else 1 - low,
        "reason": score.get("reason"),
    }


def _share_card(
    before: str, score: dict[str, Any] | None, part: dict[str, Any], after: str, *, good: Good = "high"
) -> Card:
    if score is None or score.get("value") is None:
        return Card(before, NOT_AVAILABLE, "", _reason(score))
    low, high = score.get("low"), score.get("high")
    interval = no_interval_words(score)
    if low is not None and high is not None:
        interval = f"{_level(part)} interval {of_hundred(low)} to {of_hundred(high)}"
    return Card(before, of_hundred(score["value"]), interval, after, score["value"], low, high, good)


def _decimal_card(name: str, score: dict[str, Any] | None, part: dict[str, Any], after: str) -> Card:
    title = metric_title(name)
    if score is None or score.get("value") is None:
        return Card(title, NOT_AVAILABLE, "", _reason(score))
    bounds = interval_words(score, 2)
    interval = f"{_level(part)} interval {bounds}" if bounds else no_interval_words(score)
    return Card(title, decimal(score["value"], 2), interval, after, score["value"], score.get("low"), score.get("high"))


def _reason(score: dict[str, Any] | None) -> str:
    return capitalised(str((score or {}).get("reason") or "not measured"))


def _level(part: dict[str, Any]) -> str:
    return percent_level((part.get("interval") or {}).get("level", 0.95))
