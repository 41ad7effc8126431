from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leukoscope.files import read_json
from leukoscope.reports.tables import read_tables
from leukoscope.reports.verdicts import RULE, verdicts


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
    assert answers(example(leakage="by cell"))[:3] == ["no", "no", "yes"]


def test_what_the_first_weights_had_seen_is_a_question_of_its_own(example: Callable[..., Path]) -> None:
    said = "The weights that the network starts from have seen 2 pictures of the test part, allowed because: a look"
    folder = example(leakage=said)
    record = read_json(folder / "run.json")
    change(folder / "run.json", split={**record["split"], "leakage": None, "seen": said})
    found = verdicts(read_tables(folder))
    assert [verdict.answer for verdict in found[:4]] == ["yes", "yes", "no", "yes"]
    assert (found[2].question, found[2].because) == ("First weights new to the test part", said)


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


def auc(value: float, title: str = "the number of pixels", **bounds: float) -> dict[str, Any]:
    return {"title": title, "scores": {"roc_auc": {"value": value, **bounds}}}


def held_against(folder: Path, **baselines: dict[str, Any]) -> tuple[str, str]:
    change(folder / "scores.json", baselines=baselines)
    verdict = verdicts(read_tables(folder))[3]
    return verdict.answer, verdict.because.removesuffix(f" {RULE}")


def test_a_baseline_is_beaten_by_the_whole_interval_alone(example: Callable[..., Path]) -> None:
    folder = example()  # its ROC AUC: 0.931 (0.901 to 0.961)
    said = "ROC AUC 0.931 (0.901 to 0.961); the number of pixels: "
    assert held_against(folder, pixels=auc(0.868, low=0.8, high=0.92)) == ("yes", f"{said}0.868 (0.800 to 0.920).")
    assert held_against(folder, pixels=auc(0.9)) == ("yes", f"{said}0.900.")
    assert held_against(folder, pixels=auc(0.91)) == ("unclear", f"{said}0.910.")
    assert held_against(folder, pixels=auc(0.9312)) == ("no", f"{said}0.931.")
    change(folder / "scores.json", baselines={"pixels": auc(0.5)})
    assert verdicts(read_tables(folder))[3].because.endswith(
        "Yes needs the whole interval of the model's score above the rule's score."
    )


def test_the_worst_answer_of_several_rules_counts(example: Callable[..., Path]) -> None:
    folder = example()
    said = "ROC AUC 0.931 (0.901 to 0.961); "
    weak, near, strong = auc(0.6), auc(0.92, "all together"), auc(0.99, "a person")
    assert held_against(folder, weak=weak, near=near) == ("unclear", f"{said}all together: 0.920.")
    assert held_against(folder, weak=weak, near=near, strong=strong) == ("no", f"{said}a person: 0.990.")


def test_a_rule_that_was_compared_row_by_row_has_the_say_of_itself(example: Callable[..., Path]) -> None:
    folder = example()
    for beats in ("yes", "unclear", "no"):
        paired = auc(0.5) | {"beats": beats, "sentence": f"They are beaten: {beats}."}
        assert held_against(folder, handcrafted=paired) == (beats, f"They are beaten: {beats}.")
    beaten = auc(0.5) | {"beats": "yes", "sentence": "They are beaten."}
    assert held_against(folder, handcrafted=beaten, near=auc(0.91))[0] == "unclear"


def test_a_model_without_an_interval_does_not_beat_a_rule_clearly(example: Callable[..., Path]) -> None:
    folder = example()
    scores = json.loads((folder / "scores.json").read_text())
    scores["parts"]["test"]["scores"]["roc_auc"] |= {"low": None, "high": None}
    (folder / "scores.json").write_text(json.dumps(scores))
    assert held_against(folder, pixels=auc(0.5)) == ("unclear", "ROC AUC 0.931; the number of pixels: 0.500.")


def test_a_rule_without_a_common_score_says_nothing(example: Callable[..., Path]) -> None:
    odd = {"scores": {"brier": {"value": 0.1}}}
    assert held_against(example(), odd=odd) == ("unknown", "1 rule tried; no score in common.")


def test_patients_are_held_against_the_strongest_fact(patients_run: Path) -> None:
    path = patients_run / "scores.json"
    verdict = json.loads(path.read_text())["verdict"]
    said = verdicts(read_tables(patients_run))[3]
    assert (said.question, said.answer) == ("Beats the strongest fact alone", "yes")
    assert said.because == verdict["sentence"]
    for changed, answer in (
        ({"p": 0.3}, "unclear"),
        ({"p": None}, "unclear"),
        ({"beats": False}, "no"),
        ({"beats": None}, "unknown"),
    ):
        change(path, verdict=verdict | changed)
        assert answers(patients_run)[3] == answer
