"""How far the scores can be trusted: the questions that a sceptical reader asks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from leukoscope.errors import counted
from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import metric_title, score_words

Answer = Literal["yes", "no", "unclear", "unknown"]
WORST_FIRST: tuple[Answer, ...] = ("no", "unclear", "yes")
ELSEWHERE = "The predictions were made elsewhere."
NONE_SEEN = "No picture here is one that the bundle lists as seen; patients of two data sets cannot be compared."
SOME_SEEN = "The bundle has seen pictures here before, or is marked with leakage itself."
LEAK = "A leaking split was allowed."
RULE = "Yes needs the whole interval of the model's score above the rule's score."
CHANCE = 0.05
# Scores of which more is better, in the order in which a rule is held against the model. The first one needs no
# threshold: the model's was chosen on the validation part, and a rule has none of its own.
COMPARED = ("roc_auc", "balanced_accuracy", "weighted_f1", "macro_f1", "accuracy")


@dataclass(frozen=True)
class Verdict:
    """One question and its answer.

    Args:
        question: In a few words.
        answer: ``yes`` (good), ``no`` (bad), ``unclear`` (chance may account for it), ``unknown``.
        because: A sentence that says why.
    """

    question: str
    answer: Answer
    because: str


def verdicts(tables: RunTables) -> tuple[Verdict, ...]:
    """Answer from the tables: patients apart, pictures apart, test opened once, a baseline; what weights had seen."""
    answers = (_patients(tables), _pictures(tables), _strangers(tables), _opened(tables), _baseline(tables))
    return tuple(answer for answer in answers if answer is not None)


def _patients(tables: RunTables) -> Verdict:
    question = "Patients kept apart"
    split = tables.run.get("split") or {}
    if not split:
        return Verdict(question, "unknown", _elsewhere(tables))
    if split.get("leakage"):
        return Verdict(question, "no", LEAK)
    counts = (split.get("counts") or {}).values()
    if not counts or any(not part.get("patients") for part in counts):
        return Verdict(question, "unknown", "Whose cells they are is not known.")
    return Verdict(question, "yes", "Nobody is on two sides; checked before training.")


def _pictures(tables: RunTables) -> Verdict:
    question = "Identical pictures kept together"
    split = tables.run.get("split") or {}
    if not split:
        return Verdict(question, "unknown", _elsewhere(tables))
    if split.get("leakage"):
        return Verdict(question, "no", LEAK)
    return Verdict(question, "yes", "None stands on two sides of the split.")


def _elsewhere(tables: RunTables) -> str:
    if tables.scores.get("validated"):
        return SOME_SEEN if tables.leakage else NONE_SEEN
    return f"{ELSEWHERE} They are marked with leakage." if tables.leakage else ELSEWHERE


def _strangers(tables: RunTables) -> Verdict | None:
    """Return what the first weights had seen of the test part; None where nothing is known of it."""
    seen = (tables.run.get("split") or {}).get("seen")
    return Verdict("First weights new to the test part", "no", seen) if seen else None


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
    """A baseline that is beaten is good news, one that is not is bad news, none is no news; the worst answer counts."""
    if tables.scores.get("verdict"):
        return _strongest_fact(tables.scores["verdict"])
    question = "Beats a simple rule"
    baselines: dict[str, Any] = tables.scores.get("baselines") or {}
    if not baselines:
        return Verdict(question, "unknown", "No simple rule was tried beside it.")
    part = tables.scores["parts"][tables.main_part]
    answers = {name: _beaten(entry, part) for name, entry in baselines.items()}
    if not any(answers.values()):
        return Verdict(question, "unknown", f"{counted(len(baselines), 'rule')} tried; no score in common.")
    worst = next(answer for answer in WORST_FIRST if answer in answers.values())
    name = next(name for name, answer in answers.items() if answer == worst)
    said = baselines[name].get("sentence")
    return Verdict(question, worst, said or f"{_compared(baselines[name], part)} {RULE}")


def _strongest_fact(found: dict[str, Any]) -> Verdict:
    """A fact that is beaten by more than chance is good news, one that is beaten at all is none yet."""
    question = "Beats the strongest fact alone"
    if found.get("beats") is None:
        return Verdict(question, "unknown", found["sentence"])
    clearly = found.get("p") is not None and found["p"] < CHANCE
    answer: Answer = "no" if not found["beats"] else "yes" if clearly else "unclear"
    return Verdict(question, answer, found["sentence"])


def _common(entry: dict[str, Any], part: dict[str, Any]) -> str | None:
    """Return the first score that the rule and the model both have."""
    rule, ours = entry.get("scores") or {}, part["scores"]
    return next((name for name in COMPARED if _known(rule, name) and _known(ours, name)), None)


def _known(scores: dict[str, Any], name: str) -> bool:
    return (scores.get(name) or {}).get("value") is not None


def _beaten(entry: dict[str, Any], part: dict[str, Any]) -> Answer | None:
    """Return whether the model's score lies above the rule's by more than chance; None with no score in common.

    Where both were compared on the same rows, resampled together, that comparison has the say.
    """
    if entry.get("beats"):
        stated: Answer = entry["beats"]
        return stated
    name = _common(entry, part)
    if name is None:
        return None
    ours, rule = part["scores"][name], entry["scores"][name]["value"]
    if ours["value"] <= rule:
        return "no"
    return "yes" if ours.get("low") is not None and ours["low"] > rule else "unclear"


def _compared(entry: dict[str, Any], part: dict[str, Any]) -> str:
    name = str(_common(entry, part))
    ours, rule = score_words(part["scores"][name]), score_words(entry["scores"][name])
    return f"{metric_title(name)} {ours}; {entry.get('title', 'the rule')}: {rule}."
