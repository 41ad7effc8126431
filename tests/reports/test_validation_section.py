from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.evaluation.drift import DRIFT_SCHEMA, SHARES_SCHEMA
from leukoscope.reports.page import write_report
from leukoscope.reports.validation_section import validation_section
from leukoscope.reports.validation_words import moved_words, recalibrated_words

LEVELS = [level / 100 for level in range(101)]
CLASSES = {"names": ["hem", "all"], "titles": ["normal", "leukaemic"], "positive": "all"}
SHARE = {"value": 0.021, "low": 0.01, "high": 0.05, "reason": None}
CELLS = {"of": "cells", "wanted": 0.95, "least": 0.8, "referred": SHARE, "accuracy": SHARE, "accuracy_of_all": SHARE}
PATIENTS = {"of": "patients", "promised": 0.9, "referred": SHARE, "covered": SHARE}
RECALIBRATION: dict[str, Any] = {
    "statement": "recalibrated on 5 patients (20 cells) of 'other', a share of 0.5",
    "rest": {"cells": 22, "patients": 6},
    "referral": {"before": CELLS, "after": None},
    "notes": ["It rests on <few>."],
}
RECORD: dict[str, Any] = {
    "bundle": {"name": "first", "classes": CLASSES, "threshold": 0.4, "trained_on": {"data": "cnmc"}},
    "data": {"name": "other"},
    "whom": "42 cells of 11 patients",
    "map": {"by": "label", "classes": {"benign": "hem"}},
    "left_out": {"unreadable": 3},
    "referral": CELLS,
    "out_of_distribution": {"cells": 42, "flagged_cells": 9, "flagged": SHARE, "expected": 0.01, "home": None},
    "recalibration": RECALIBRATION,
    "warnings": ["Beware."],
    "notes": ["A <note>."],
    "command": "leukoscope evaluate first",
}


def drift(of: str, name: str, **values: Any) -> dict[str, Any]:
    return {"of": of, "name": name, "title": name, "unit": "u", "here_mean": 3.0, "here_deviation": 1.0, **values}


@pytest.fixture
def folder(example: Callable[..., Path]) -> Path:
    """An evaluation's folder with the tables of a validation."""
    place = example()
    (place / "validation.json").write_text(json.dumps(RECORD))
    beside = {"score": ["accuracy", "sensitivity"], "home": [0.9, 0.8], "here": [0.7, None], "difference": [-0.2, None]}
    ends = {f"{name}_{end}": [0.1, None] for name in ("home", "here", "difference") for end in ("low", "high")}
    pl.DataFrame({**beside, **ends, "reason": [None, "no <cell>"]}).write_csv(place / "beside.csv")
    rows = [
        drift("pictures", "brightness", train_mean=9.0, train_deviation=1.0, gap=0.8, judgement="far otherwise"),
        drift("pictures", "width", train_mean=450.0, train_deviation=0.0, gap=0.0, test_gap=0.0, judgement="alike"),
        drift("answers", "confidence"),
    ]
    pl.DataFrame(rows, schema=DRIFT_SCHEMA).write_csv(place / "drift.csv")
    shares = [{"of": "kind", "name": "PNG RGB", "here": 1.0}, {"of": "label", "name": "all", "test": 0.5, "here": 0.25}]
    pl.DataFrame(shares, schema=SHARES_SCHEMA).write_csv(place / "shares.csv")
    quantiles = [
        {"of": of, "name": name, "part": part, "level": level, "value": level}
        for of, name, part in (
            ("pictures", "brightness", "train"), ("pictures", "brightness", "here"), ("answers", "confidence", "here"),
        )
        for level in LEVELS
    ]  # fmt: skip
    pl.DataFrame(quantiles).write_csv(place / "quantiles.csv")
    again = {
        "score": ["log_loss"],
        "before": [0.9],
        "after": [0.5],
        "difference": [-0.4],
        "p": [0.0001],
        "reason": [None],
    }
    ends = {f"{name}_{end}": [0.1] for name in ("before", "after", "difference") for end in ("low", "high")}
    pl.DataFrame({**again, **ends}).write_csv(place / "recalibration.csv")
    bins = {"low": 0.5, "high": 0.6, "mean_probability": 0.55, "share_right": 0.5, "cells": 22}
    pl.DataFrame([{"state": state, **bins} for state in ("before", "after")]).write_csv(place / "reliability.csv")
    return place


def test_the_section_says_what_the_tables_say(folder: Path) -> None:
    found = validation_section(folder, leaking=False)
    assert found is not None
    first, second = found["beside"]
    assert (first["home"], first["here"], first["reason"]) == ("0.900 (0.100 to 0.100)", "0.700 (0.100 to 0.100)", None)
    assert first["difference"] == "-0.200 (+0.100 to +0.100)"
    assert (second["here"], second["reason"]) == ("\N{EN DASH}", "no <cell>")
    assert found["moved"] == [
        "Of 2 aspects of the pictures 1 is otherwise than in training: brightness (far).",
        "How far the answers have moved is not known.",
    ]
    light, wide = found["pictures"]
    assert (light["train"], light["here"], light["gap"], light["test_gap"]) == (
        "9.0 ± 1.0", "3.0 ± 1.0", "0.80", "\N{EN DASH}",
    )  # fmt: skip
    assert wide["judgement"] == "alike"
    assert found["answers"][0]["judgement"] == "not known"
    assert [(row["of"], row["title"], row["test"], row["here"]) for row in found["shares"]] == [
        ("Kind of file", "PNG RGB", "\N{EN DASH}", "100 %"),
        ("True class", "leukaemic", "50 %", "25 %"),
    ]
    assert found["strangers"]["home"] == "not known"
    assert found["referral"][0] == ("Referred", "0.021 (0.010 to 0.050)")
    assert found["recalibration"]["referral"][0] == ("Referred", "0.021 (0.010 to 0.050)", "\N{EN DASH}")
    assert [len(drawn) for drawn in found["figures"].values()] == [1, 1, 1]


def test_the_page_has_it_escaped(folder: Path) -> None:
    page = write_report(folder).read_text(encoding="utf-8")
    for name in ("beside", "drift", "recalibration"):
        assert f'<section id="{name}">' in page
        assert f'<a href="#{name}">' in page
    for words in (
        "no &lt;cell&gt;", "A &lt;note&gt;.", "It rests on &lt;few&gt;.", "unreadable: 3", "benign is hem", "Beware.",
        "the bundle flags 9 as unlike its training cells: a share of 0.021 (0.010 to 0.050). At home it was not known",
        "Recalibrated on 5 patients (20 cells)", "Measured on the rest: 22 cells of 6 patients.", "&lt; 0.001",
    ):  # fmt: skip
        assert words in page, words


def test_of_patients_without_recalibration(folder: Path) -> None:
    (folder / "validation.json").write_text(
        json.dumps({**RECORD, "recalibration": None, "referral": PATIENTS, "out_of_distribution": None})
    )
    found = validation_section(folder, leaking=True)
    assert found is not None
    assert (found["recalibration"], found["strangers"], found["figures"]["recalibration"]) == (None, None, [])
    assert found["referral"] == [
        ("Referred", "0.021 (0.010 to 0.050)"),
        ("True class among what is left", "0.021 (0.010 to 0.050)"),
        ("Promised", "90\N{NO-BREAK SPACE}%"),
    ]
    assert '<section id="recalibration">' not in write_report(folder).read_text(encoding="utf-8")


def test_other_evaluations_have_no_such_section(example: Callable[..., Path]) -> None:
    run = example()
    assert validation_section(run, leaking=False) is None
    assert '<section id="drift">' not in write_report(run).read_text(encoding="utf-8")


def test_what_has_moved_in_words() -> None:
    row = {"of": "answers", "title": "sure", "judgement": "alike"}
    assert moved_words([row]) == ["Of 1 aspect of the answers none is otherwise than on the test part at home."]
    moved = [{**row, "judgement": "otherwise"}, {**row, "title": "positive", "judgement": "far otherwise"}]
    assert moved_words(moved) == [
        "Of 2 aspects of the answers 2 are otherwise than on the test part at home: sure, positive (far)."
    ]


def test_recalibration_in_words() -> None:
    assert recalibrated_words({**RECALIBRATION, "rest": {"cells": 1, "patients": None}}) == [
        "Recalibrated on 5 patients (20 cells) of 'other', a share of 0.5.",
        "Measured on the rest: 1 cell.",
    ]
