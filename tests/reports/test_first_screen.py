from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leukoscope.reports.first_screen import FirstScreen, first_screen
from leukoscope.reports.tables import read_tables


def screen_of(folder: Path, **changes: Any) -> FirstScreen:
    path = folder / "scores.json"
    scores = json.loads(path.read_text())
    for part in scores["parts"].values():
        part["scores"].update(changes)
    path.write_text(json.dumps(scores))
    return first_screen(read_tables(folder))


def test_two_classes_in_plain_words(example: Callable[..., Path]) -> None:
    found = {"value": 0.9166, "low": 0.8812, "high": 0.9501, "reason": None}
    spared = {"value": 0.8, "low": 0.69, "high": 0.91, "reason": None}
    screen = screen_of(example(), sensitivity=found, specificity=spared)
    assert screen.question == "Leukaemic blast (ALL) or normal cell (HEM)?"
    learned = "A network learned from 1,102 cells of 31 patients and was then asked about 427 cells of 12 patients"
    assert screen.lead == f"{learned} whom it had never seen."
    first, second, third, fourth = screen.cards
    assert (first.before, first.number) == ("Of 100 leukaemic blasts (ALL) it finds", "92")
    assert first.interval == "95\N{NO-BREAK SPACE}% interval 88 to 95"
    assert (second.before, second.number) == ("Of 100 normal cells (HEM) it wrongly alarms on", "20")
    assert (second.interval, second.good) == ("95\N{NO-BREAK SPACE}% interval 9 to 31", "low")
    assert (third.before, third.number, third.interval) == (
        "ROC AUC",
        "0.93",
        "95\N{NO-BREAK SPACE}% interval 0.90 to 0.96",
    )
    assert (fourth.before, fourth.number) == ("Of 100 patients like these it calls right", "92")
    assert fourth.further == (
        "ROC AUC of the patients: 0.97 (95\N{NO-BREAK SPACE}% interval 0.92 to 1.00), ranked by their cells' "
        "mean probability."
    )


def test_a_leak_is_said_in_the_lead(example: Callable[..., Path]) -> None:
    lead = first_screen(read_tables(example(leakage="by cell"))).lead
    assert lead.endswith("Because of the leakage it may have seen some of them, or their like, before.")
    assert "never seen" not in lead


def test_eight_classes_without_patients(example: Callable[..., Path]) -> None:
    screen = first_screen(read_tables(example(binary=False)))
    assert screen.question == "Which of 8 kinds of cell is this?"
    assert "immature granulocyte" in screen.kinds
    assert screen.lead.endswith("asked about 210 cells that it had never seen. Whose cells they are is not known.")
    assert [card.before for card in screen.cards[:2]] == ["Of 100 cells it names rightly", "Macro F1"]
    part = json.loads((read_tables(example(binary=False)).folder / "scores.json").read_text())["parts"]["test"]
    worst = min(entry["recall"]["value"] for entry in part["per_class"].values() if entry["support"])
    assert screen.cards[2].value == worst


def test_what_cannot_be_measured_says_why(evaluation: Path) -> None:
    screen = first_screen(read_tables(evaluation))
    assert screen.lead == (
        "Answers for 992 cells of 28 patients were held against the truth. "
        "What they were learned from is not known here."
    )
    area = screen.cards[2]
    assert (area.before, area.number, area.interval, area.value) == ("ROC AUC", "n/a", "", None)
    assert area.after == "Needs probabilities; these predictions are labels only"
    said = "ROC AUC of the patients: n/a. Needs probabilities; these predictions are labels only."
    assert screen.cards[3].further == said


def test_a_score_without_interval_says_why(example: Callable[..., Path]) -> None:
    alone = {"value": 0.9, "low": None, "high": None, "reason": "it rests on a single patient"}
    screen = screen_of(example(), sensitivity=alone, specificity=alone, roc_auc=alone)
    said = "no interval: it rests on a single patient"
    assert [card.interval for card in screen.cards[:3]] == [said] * 3
    assert (screen.cards[1].number, screen.cards[1].low, screen.cards[1].high) == ("10", None, None)


def test_a_screen_of_patients_speaks_of_patients(patients_run: Path) -> None:
    screen = first_screen(read_tables(patients_run))
    assert screen.question == "Tumoral lymphocytosis or reactive lymphocytosis?"
    assert screen.lead == (
        "A network learned from 31 patients (1,102 cells) and was then asked about 40 patients whom it had never seen."
    )
    assert [card.before for card in screen.cards] == [
        "Of 100 patients with tumoral lymphocytosis it finds",
        "Of 100 patients with reactive lymphocytosis it wrongly alarms on",
        "ROC AUC",
        "Of 100 patients it refers to a further test",
    ]
    refers = screen.cards[3]
    assert (refers.number, refers.interval, refers.good) == ("18", "95\N{NO-BREAK SPACE}% interval 7 to 28", "low")
    assert refers.after == (
        "The others get one class. Promised: the truth is among what is left for 90 of 100, kept for 92; 40 patients."
    )


def test_a_run_that_refers_nobody_has_no_such_card(patients_run: Path) -> None:
    path = patients_run / "scores.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"referral": None}))
    assert len(first_screen(read_tables(patients_run)).cards) == 3


def test_several_classes_of_patients(patients_run: Path) -> None:
    path = patients_run / "scores.json"
    scores = json.loads(path.read_text())
    for part in scores["parts"].values():
        part["positive"] = None
    path.write_text(json.dumps(scores))
    screen = first_screen(read_tables(patients_run))
    assert screen.question == "Which of 2 classes is this patient of?"
    assert screen.cards[0].before == "Of 100 patients it names rightly"
