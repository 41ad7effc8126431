from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leukoscope.reports.tables import read_tables
from leukoscope.reports.verdicts import verdicts


def answers(folder: Path) -> list[str]:
    return [verdict.answer for verdict in verdicts(read_tables(folder))]


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_sound_run_without_baseline(example: Callable[..., Path]) -> None:
    found = verdicts(read_tables(example()))
    assert [verdict.question for verdict in found] == [
        "Patients kept apart",
        "Identical pictures kept together",
        "Test opened once",
        "Beats a simple rule",
    ]
    assert [verdict.answer for verdict in found] == ["yes", "yes", "yes", "unknown"]


def test_a_leak_is_no(example: Callable[..., Path]) -> None:
    assert answers(example(leakage="by cell"))[:2] == ["no", "no"]


def test_without_patients_nothing_is_promised_of_them(example: Callable[..., Path]) -> None:
    assert answers(example(binary=False)) == ["unknown", "yes", "yes", "unknown"]


def test_predictions_of_others_promise_nothing(evaluation: Path) -> None:
    assert answers(evaluation) == ["unknown"] * 4


def test_a_test_part_that_was_opened_twice_or_not_at_all(example: Callable[..., Path]) -> None:
    folder = example()
    change(folder / "run.json", test_opened=["a", "b"])
    assert verdicts(read_tables(folder))[2].because == "It was opened 2 times."
    assert answers(folder)[2] == "no"
    change(folder / "run.json", test_opened=[])
    assert answers(folder)[2] == "unknown"


def test_a_baseline_is_beaten_or_not_or_cannot_be_compared(example: Callable[..., Path]) -> None:
    folder = example()
    rule = {"title": "the number of pixels", "scores": {"roc_auc": {"value": 0.868}}}
    change(folder / "scores.json", baselines={"pixels": rule})
    verdict = verdicts(read_tables(folder))[3]
    assert (verdict.answer, verdict.because) == ("yes", "ROC AUC 0.931; the number of pixels: 0.868.")
    better = {"title": "a person", "scores": {"roc_auc": {"value": 0.99}}}
    change(folder / "scores.json", baselines={"pixels": rule, "person": better})
    verdict = verdicts(read_tables(folder))[3]
    assert (verdict.answer, verdict.because) == ("no", "ROC AUC 0.931; a person: 0.990.")
    change(folder / "scores.json", baselines={"odd": {"scores": {"brier": {"value": 0.1}}}})
    verdict = verdicts(read_tables(folder))[3]
    assert (verdict.answer, verdict.because) == ("unknown", "1 rule tried; no score in common.")
