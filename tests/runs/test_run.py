from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope.errors import DataError
from leukoscope.files import write_json
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.run import Run, headline


def scores(leakage: str | None = None) -> dict[str, Any]:
    known = {"value": 0.9, "low": 0.8, "high": 0.95, "reason": None}
    part = {
        "cells": 1200,
        "patients": 12,
        "scores": {
            "weighted_f1": known,
            "accuracy": {**known, "low": None, "high": None, "reason": "one patient"},
            "roc_auc": {"value": None, "low": None, "high": None, "reason": "no probabilities"},
        },
        "patient_scores": {"roc_auc": known},
    }
    return {"leakage": leakage, "parts": {"test": part}}


def test_the_headline_has_intervals_and_says_why_a_score_is_missing() -> None:
    assert headline(scores()) == [
        "test: 1,200 cells, 12 patients",
        "weighted f1: 0.900 (95 % interval 0.800 to 0.950)",
        "accuracy: 0.900 (no interval: one patient)",
        "roc auc: n/a (no probabilities)",
        "patients told apart, roc auc: 0.900 (95 % interval 0.800 to 0.950)",
    ]


def of_patients(leakage: str | None = None) -> dict[str, Any]:
    found = scores(leakage)
    part = found["parts"]["test"]
    part |= {"unit": "patient", "cells": 12, "patients": 12, "patient_scores": None}
    found["verdict"] = {"sentence": "The model does not beat count alone.", "beats": False}
    found["referral"] = {
        "promised": 0.9,
        "referred": {"count": 3, "total": 12},
        "covered": {"count": 11, "total": 12},
    }
    return found


def test_the_headline_of_patients_ends_with_the_verdict_against_the_strongest_fact() -> None:
    assert headline(of_patients()) == [
        "test: 12 patients",
        "weighted f1: 0.900 (95 % interval 0.800 to 0.950)",
        "accuracy: 0.900 (no interval: one patient)",
        "roc auc: n/a (no probabilities)",
        "verdict: The model does not beat count alone.",
        "referred: 3 of 12 patients; the truth was among what is left for 11 of 12 (promised 90 %)",
    ]
    assert all(line.endswith(" LEAKAGE") for line in headline(of_patients("repeats a paper")))


def test_every_line_of_a_leaking_run_carries_the_mark() -> None:
    assert all(line.endswith(" LEAKAGE") for line in headline(scores("repeats a paper")))


def test_an_unfinished_run_says_how_to_go_on(tmp_path: Path) -> None:
    RunFolder(tmp_path).update(status="interrupted", recipe="quick", data={"name": "cnmc"}, leakage=None)
    run = Run(tmp_path)
    assert repr(run) == f"Run {tmp_path} (interrupted): quick on cnmc"
    with pytest.raises(DataError) as caught:
        _ = run.scores
    assert str(caught.value) == (
        f"This run is not finished (status: interrupted).\n  where: {tmp_path}\n"
        f"  what to do: leukoscope train --resume --out {tmp_path}"
    )


def test_a_finished_run_prints_its_scores_and_escapes_them_for_notebooks(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    split = {"statement": "9 patients in train | 3 in test, 0 shared, 0 linked"}
    folder.update(status="finished", recipe="<quick>", data={"name": "cnmc"}, leakage="because", split=split)
    write_json(folder.scores, scores("because"))
    shown = repr(Run(tmp_path))
    assert "LEAKAGE: because" in shown
    assert "weighted f1: 0.900" in shown
    assert "0 shared, 0 linked" in shown
    assert "&lt;quick&gt;" in Run(tmp_path)._repr_html_()
    assert Run(tmp_path)._repr_html_().startswith('<pre style="color:#b00020">')


def test_options_survive_the_record(tmp_path: Path) -> None:
    options = Options(tmp_path / "weights", None, "because", "cpu")
    assert Options.from_json(options.as_json()) == options
