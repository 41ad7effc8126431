"""``calibration.csv`` and ``reliability.csv``: fitted on validation, measured on test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from leukoscope.evaluation import evaluate, fit_calibrator
from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensemble_calibration import calibration_tables
from leukoscope.runs.ensembling import Ensemble, ensemble
from leukoscope.runs.spoken import Spoken

Said = Callable[[str, str], Predictions]
STATES = ("before", "after")


def test_calibration_is_fitted_on_validation_and_measured_on_test(of_tables: Ensemble, rule_said: Said) -> None:
    table = pl.read_csv(of_tables.folder / "calibration.csv")
    assert table["name"].to_list() == [
        name for name in ("net1", "net2", "net3", "most_confident", "average") for _ in range(2)
    ]
    assert table["state"].to_list() == ["before", "after"] * 5
    assert table["calibration"].to_list() == ["none", "platt"] * 5
    test, own = rule_said("average", "test"), pl.col("name") == "average"
    before, after = (table.row(by_predicate=own & (pl.col("state") == state), named=True) for state in STATES)
    scores = evaluate(test)
    assert before["ece"] == pytest.approx(scores["ece"].value)
    assert before["log_loss_high"] == pytest.approx(scores["log_loss"].high)
    fitted = fit_calibrator(rule_said("average", "validation"), "platt")
    assert after["log_loss"] == pytest.approx(evaluate(fitted.apply(test))["log_loss"].value)
    highest = test.probabilities().max(axis=1)
    assert before["mean_confidence"] == pytest.approx(highest.mean())
    assert after["mean_confidence"] < before["mean_confidence"], "these are too sure of themselves"


def test_the_bins_hold_every_row_once(of_tables: Ensemble) -> None:
    table = pl.read_csv(of_tables.folder / "reliability.csv")
    counts = table.group_by("name", "state").agg(pl.col("cells").sum())
    assert counts["cells"].to_list() == [60] * 10
    assert (table["low"] >= 0.5).all(), "of two classes the highest probability is a half or more"


def test_three_classes_have_a_temperature(model_table: Callable[..., Path], tmp_path: Path) -> None:
    models = [model_table(tmp_path / f"m{seed}.csv", seed, classes=("eo", "ly", "mo")) for seed in (1, 2)]
    found = ensemble(models, tmp_path / "out", rules=["average"])
    assert set(pl.read_csv(found.folder / "calibration.csv")["calibration"]) == {"none", "temperature"}


def test_what_cannot_be_calibrated_says_why_and_keeps_its_row(model_table: Callable[..., Path], tmp_path: Path) -> None:
    said = read_foreign(model_table(tmp_path / "net.csv", 1))
    lone = Predictions(said.table.filter(part="validation", label="all"), said.classes)
    test = Predictions(said.table.filter(part="test"), said.classes)
    table, bins = calibration_tables([Spoken("net", "member", lone, test, evaluate(test))])
    before, after = table.iter_rows(named=True)
    assert (before["state"], before["note"]) == ("before", None)
    assert before["share_right"] == pytest.approx((test.probabilities().argmax(axis=1) == _truth(test)).mean())
    assert (after["state"], after["calibration"], after["ece"], after["mean_confidence"]) == (
        "after",
        "none",
        None,
        None,
    )
    assert after["note"]
    assert set(bins["state"]) == {"before"}


def _truth(said: Predictions) -> npt.NDArray[np.int64]:
    return np.array([said.classes.index(label) for label in said.table["label"]])
