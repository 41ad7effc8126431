"""What stands beside the scores of an ensemble: from tables that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.files import write_table
from leukoscope.reports.ensemble_beside import beside_section
from leukoscope.reports.ensemble_curves import reliability_figure, roc_figure
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_words import flaw_sentences
from leukoscope.reports.words import NOTHING

RECORD: dict[str, Any] = {
    "unit": "cell", "leakage": None, "best_member_on_validation": "007",
    "classes": {"names": ["hem", "all"], "positive": "all"},
    "members": [{"name": "007"}, {"name": "average"}],
    "rules": {"average": {"title": "average"}, "most_confident": {"title": "most confident"}},
}  # fmt: skip
EVERY = (("member", "007"), ("member", "average"), ("rule", "average"), ("rule", "most_confident"))


def calibration(sure: float = 0.99, right: float = 0.9) -> list[dict[str, Any]]:
    """Return the rows of ``calibration.csv``; the last rule is the one that is so sure and so right."""
    rows = []
    for kind, name in EVERY:
        own = (sure, right) if name == "most_confident" else (0.85, 0.88)
        for state, error in (("before", 0.125), ("after", 0.0625)):
            row = {"name": name, "kind": kind, "state": state, "calibration": "none", "note": None}
            for score in ("ece", "brier", "log_loss"):
                row |= {score: error, f"{score}_low": error / 2, f"{score}_high": error * 2}
            rows.append(row | {"mean_confidence": own[0], "share_right": own[1]})
    return rows


def difference(low: float | None, high: float | None) -> dict[str, Any]:
    return {"name": "most_confident", "score": "log_loss", "value": 0.5, "of_average": 0.25, "difference": 0.25,
            "low": low, "high": high, "p": 0.01, "unit": "linked group of patients", "clusters": 12,
            "note": None}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> EnsembleFolder:
    place = EnsembleFolder(tmp_path)
    write_table(place.calibration, pl.DataFrame(calibration(), infer_schema_length=None))
    write_table(place.against_average, pl.DataFrame([difference(0.125, 0.375)]))
    rates = [{"name": name, "kind": kind, "false_positive_rate": rate, "false_negative_rate": 0.25,
              "false_negative_rate_low": 0.125, "false_negative_rate_high": 0.5}
             | dict.fromkeys(("against", "difference", "low", "high", "p"))
             | ({"against": "007", "difference": -0.125, "low": -0.25, "high": 0.0, "p": 0.05} if name != "007" else {})
             for kind, name in EVERY for rate in (0.05, 0.2)]  # fmt: skip
    write_table(place.rates, pl.DataFrame(rates, infer_schema_length=None))
    curves = [{"name": name, "kind": kind, "fpr": at, "tpr": at**0.5} for kind, name in EVERY for at in (0, 0.25, 1)]
    write_table(place.curves, pl.DataFrame(curves))
    bins = [{"name": name, "kind": kind, "state": state, "low": 0.9, "high": 1.0, "mean_probability": 0.95,
             "share_right": 0.9, "cells": 40} for kind, name in EVERY for state in ("before", "after")]  # fmt: skip
    write_table(place.reliability, pl.DataFrame(bins))
    costs = [{"name": name, "kind": kind, "parameters": 1_500_000, "stored": 1_600_000,
              "holds": None, "megabytes": 6.04, "views": 4,
              "ms_batch_1": 12.5, "passes_1": 7, "ms_batch_32": 4.25, "passes_32": 7, "device": "cpu", "threads": 2,
              "torch": "2.13.0", "note": None} for kind, name in EVERY[:1]]  # fmt: skip
    lost = {"name": "average", "parameters": None, "stored": 900, "holds": "12 support vectors", "ms_batch_1": None}
    costs.append(costs[0] | lost | {"note": "It has no bundle."})
    write_table(place.costs, pl.DataFrame(costs, infer_schema_length=None))
    return place


def test_every_table_becomes_rows_of_words(place: EnsembleFolder) -> None:
    found = beside_section(place.path, RECORD)
    assert found["calibration"]["head"] == ["Sure of", "Right on", "ECE", "Brier score", "Log-loss"]
    names = [(row["kind"], row["name"]) for row in found["calibration"]["rows"]]
    assert names[:2] == [("member", "007"), ("member", "007, calibrated")]
    assert names[-1] == ("rule", "most confident, calibrated")
    cells = found["calibration"]["rows"][-2]["cells"]
    assert cells == ["99 %", "90 %", *["0.125 (0.062 to 0.250)"] * 3]
    assert found["differences"]["rows"] == [
        {"name": "most confident", "kind": "rule",
         "cells": ["Log-loss (less is better)", "0.500", "0.250", "0.250 (0.125 to 0.375)", "0.010"]}
    ]  # fmt: skip
    assert found["rates"]["head"] == ["Missed at 5 % false alarms", "Missed at 20 % false alarms"]
    assert [(row["kind"], row["name"]) for row in found["rates"]["rows"]][1:3] == [
        ("member", "average"),
        ("rule", "average"),
    ], "a member may be called as a rule is"
    assert found["rates"]["rows"][0]["cells"] == ["0.250 (0.125 to 0.500)"] * 2
    assert found["rates_apart"]["head"] == ["Missed more at 5 % false alarms", "Missed more at 20 % false alarms"]
    assert [row["name"] for row in found["rates_apart"]["rows"]] == ["average", "average", "most confident"]
    assert found["rates_apart"]["rows"][0]["cells"] == ["-0.125 (-0.250 to 0.000)"] * 2
    assert found["rival"] == "007", "all others are set against it, and it against none"
    assert found["costs"]["rows"][0]["cells"] == ["1.50 M", "1.60 M", "6.0 MB", "4", "12.5", "4.2"]
    assert found["costs"]["rows"][1]["cells"] == [NOTHING, "900 (12 support vectors)", "6.0 MB", "4", NOTHING, "4.2"]
    assert found["measured"] == "cpu, 2 threads, torch 2.13.0"
    assert found["not_measured"] == ["average: It has no bundle."]


def test_a_folder_without_these_tables_shows_nothing_of_them(tmp_path: Path) -> None:
    found = beside_section(tmp_path, RECORD)
    assert found["flaw"] == []
    assert all(found[name]["rows"] == [] for name in ("calibration", "differences", "rates", "rates_apart", "costs"))
    assert reliability_figure(EnsembleFolder(tmp_path), RECORD) is None
    assert roc_figure(EnsembleFolder(tmp_path), RECORD) is None


def test_the_figures_are_of_what_the_tables_hold(place: EnsembleFolder) -> None:
    reliable, curves = reliability_figure(place, RECORD), roc_figure(place, RECORD)
    assert reliable is not None
    assert curves is not None
    figure, alt = reliable
    assert alt == (
        "How often most confident, average (rule), 007 (the best member on validation) are right against how sure they "
        "are, before calibration and after."
    )
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["as they say it", "calibrated on validation"]
    figure, alt = curves
    assert alt == "ROC curves of 007, average, average (rule), most confident; false alarms of 5 %, 20 % are marked."
    assert [line.get_label() for line in figure.axes[0].lines[-4:]] == ["007", "average", "average (rule)",
                                                                         "most confident"]  # fmt: skip


def test_the_flaw_is_stated_from_the_numbers() -> None:
    said = flaw_sentences(RECORD, calibration(), [difference(0.125, 0.375)])
    assert " ".join(said) == (
        "Of the cells of the test part, most confident is 99 % sure on average, and right on 90 %; the average of the "
        "same models is 85 % sure on average, and right on 88 %. "
        "By taking the surest of several, it is more sure than any is right: the model that is right most often (007) "
        "is so on 88 %. "
        "With a calibration fitted on validation its calibration error goes from 0.125 to 0.062, the average's from "
        "0.125 to 0.062. "
        "Its log-loss less that of the average is +0.250 (+0.125 to +0.375, p 0.010; 12 linked groups of "
        "patients resampled): the average is the better one."
    )


@pytest.mark.parametrize(
    ("sure", "right", "words"),
    [
        (0.87, 0.86, "By taking the surest of several, it is more sure than it is right."),
        (0.9, 0.95, "Here that does not make it too sure: it is right at least as often as it is sure."),
    ],
)
def test_what_the_numbers_do_not_bear_is_not_said(sure: float, right: float, words: str) -> None:
    assert flaw_sentences(RECORD, calibration(sure, right), [])[1] == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.125, 0.625, "no difference can be told from chance."),
        (-0.5, -0.125, "most confident is the better one."),
        (None, None, "Its log-loss less that of the average is +0.250."),
    ],
)
def test_what_the_interval_says_of_the_average(low: float | None, high: float | None, words: str) -> None:
    assert flaw_sentences(RECORD, calibration(), [difference(low, high)])[-1].endswith(words)


def test_what_cannot_be_calibrated_or_compared_says_so() -> None:
    rows = [row | {"ece": None} if row["state"] == "after" else row for row in calibration()]
    without = difference(None, None) | {"difference": None, "note": "The log-loss is not defined."}
    said = flaw_sentences(RECORD, rows, [without])
    assert said[2:] == ["Its log-loss cannot be set against that of the average: The log-loss is not defined."]
    assert flaw_sentences(RECORD | {"rules": {"average": {"title": "average"}}}, rows, []) == []
