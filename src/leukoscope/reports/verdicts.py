"""How far the scores can be trusted: four questions that a sceptical reader asks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from leukoscope.errors import counted
from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import metric_title, score_words

Answer = Literal["yes", "no", "unknown"]
ELSEWHERE = "The predictions were made elsewhere."
# Scores of which more is better, in the order in which a rule is held against the model.
COMPARED = ("balanced_accuracy", "roc_auc", "weighted_f1", "macro_f1", "accuracy")


@dataclass(frozen=True)
class Verdict:
    """One question and its answer.

    Args:
        question: In a few words.
        answer: ``yes`` (good), ``no`` (bad), ``unknown``.
        because: A sentence that says why.
    """

    question: str
    answer: Answer
    because: str


def verdicts(tables: RunTables) -> tuple[Verdict, ...]:
    """Answer the four questions from the tables: patients apart, pictures apart, test opened once, a baseline."""
    return (_patients(tables), _pictures(tables), _opened(tables), _baseline(tables))


def _patients(tables: RunTables) -> Verdict:
    question = "Patients kept apart"
    split = tables.run.get("split") or {}
    if tables.leakage:
        return Verdict(question, "no", "A leaking split was allowed.")
    if not split:
        return Verdict(question, "unknown", ELSEWHERE)
    counts = (split.get("counts") or {}).values()
    if not counts or any(not part.get("patients") for part in counts):
        return Verdict(question, "unknown", "Whose cells they are is not known.")
    return Verdict(question, "yes", "Nobody is on two sides; checked before training.")


def _pictures(tables: RunTables) -> Verdict:
    question = "Identical pictures kept together"
    if tables.leakage:
        return Verdict(question, "no", "A leaking split was allowed.")
    if not tables.run.get("split"):
        return Verdict(question, "unknown", ELSEWHERE)
    return Verdict(question, "yes", "None stands on two sides of the split.")


def _opened(tables: RunTables) -> Verdict:
    question = "Test opened once"
    if not tables.run:
        return Verdict(question, "unknown", ELSEWHERE)
    opened = tables.run.get("test_opened") or []
    if not opened:
        return Verdict(question, "unknown", "The opening was not recorded.")
    if len(opened) > 1:
        return Verdict(question, "no", f"It was opened {len(opened)} times.")
    return Verdict(question, "yes", "After everything had been fitted.")


def _baseline(tables: RunTables) -> Verdict:
    """A baseline that is beaten is good news, one that is not is bad news, none is no news."""
    question = "Beats a simple rule"
    baselines: dict[str, Any] = tables.scores.get("baselines") or {}
    if not baselines:
        return Verdict(question, "unknown", "No simple rule was tried beside it.")
    part = tables.scores["parts"][tables.main_part]
    beaten = {name: _beaten(entry, part) for name, entry in baselines.items()}
    if any(answer is False for answer in beaten.values()):
        name = next(name for name, answer in beaten.items() if answer is False)
        return Verdict(question, "no", _compared(baselines[name], part))
    if all(answer is None for answer in beaten.values()):
        return Verdict(question, "unknown", f"{counted(len(baselines), 'rule')} tried; no score in common.")
    name = next(name for name, answer in beaten.items() if answer)
    return Verdict(question, "yes", _compared(baselines[name], part))


def _common(entry: dict[str, Any], part: dict[str, Any]) -> str | None:
    """Return the first score that the rule and the model both have."""
    rule, ours = entry.get("scores") or {}, part["scores"]
    return next((name for name in COMPARED if _known(rule, name) and _known(ours, name)), None)


def _known(scores: dict[str, Any], name: str) -> bool:
    return (scores.get(name) or {}).get("value") is not None


def _beaten(entry: dict[str, Any], part: dict[str, Any]) -> bool | None:
    name = _common(entry, part)
    return None if name is None else part["scores"][name]["value"] > entry["scores"][name]["value"]


def _compared(entry: dict[str, Any], part: dict[str, Any]) -> str:
    name = str(_common(entry, part))
    ours, rule = part["scores"][name], entry["scores"][name]
    simple = score_words({"value": rule["value"]})
    return f"{metric_title(name)} {score_words({'value': ours['value']})}; {entry.get('title', 'the rule')}: {simple}."
