from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leukoscope.files import read_json, write_json
from leukoscope.reports import write_report
from leukoscope.reports.facts_alone import facts_alone


def scores_of(folder: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads((folder / "scores.json").read_text())
    return scores


def test_rows_say_what_the_model_has_more_and_the_model_stands_out(patients_run: Path) -> None:
    found = facts_alone(scores_of(patients_run))
    assert found is not None
    rows = {row.title: row for row in found["rows"]}
    assert [row.title for row in found["rows"] if row.model] == ["Images and facts"]
    assert rows["Lymphocyte count alone"].more == "+0.021 (-0.029 to 0.071)"
    assert rows["Clinical only, gradient boosting"].more == "-0.009 (-0.059 to 0.041)"
    assert (rows["Images and facts"].more, rows["Images and facts"].p) == ("\N{EN DASH}", "\N{EN DASH}")
    assert rows["Age alone"].p == "0.040"
    assert found["patients"] == "40 test patients"
    assert found["seen"] is True


def test_a_tiny_p_and_a_missing_interval(patients_run: Path) -> None:
    scores = scores_of(patients_run)
    gain = scores["ablations"][0]["difference"]["roc_auc"]
    gain |= {"p": 0.00001, "low": None, "high": None}
    scores["ablations"][1]["difference"]["roc_auc"] = None
    found = facts_alone(scores)
    assert found is not None
    assert (found["rows"][0].more, found["rows"][0].p) == ("+0.381", "< 0.001")
    assert (found["rows"][1].more, found["rows"][1].p) == ("\N{EN DASH}", "\N{EN DASH}")


def test_without_facts_there_is_no_section() -> None:
    assert facts_alone({}) is None
    assert facts_alone({"ablations": [], "verdict": None}) is None


def test_circumstances_and_facts_left_out_are_notes(patients_run: Path) -> None:
    scores = scores_of(patients_run)
    scores["facts"] |= {"circumstances": ["The input 'row' tells how."], "left_out": ["The fact 'x' is left out."]}
    found = facts_alone(scores)
    assert found is not None
    assert found["notes"] == ["The input 'row' tells how.", "The fact 'x' is left out."]


def test_what_is_to_say_of_facts_is_said_without_a_table_too() -> None:
    found = facts_alone({"facts": {"inputs": [], "left_out": ["The fact 'x' is left out."]}})
    assert found is not None
    assert (found["rows"], found["notes"], found["patients"]) == ([], ["The fact 'x' is left out."], "")
    assert facts_alone({"facts": {"inputs": []}}) is None


def test_the_caution_of_weights_is_a_warning(patients_run: Path) -> None:
    record = read_json(patients_run / "run.json") if (patients_run / "run.json").is_file() else {}
    caution = "These weights have seen 12 patients of this data set."
    write_json(patients_run / "run.json", record | {"weights": {"source": "cells", "caution": caution}})
    assert write_report(patients_run).read_text(encoding="utf-8").count(caution) == 2
