"""What stands beside the scores of an ensemble: calibration, rates, the average, costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope import api
from leukoscope.evaluation import compare_pair, evaluate, fit_calibrator, missed_at
from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions
from leukoscope.runs import member_costs
from leukoscope.runs.ensembling import Ensemble, ensemble
from leukoscope.runs.member_costs import costs_table

STATES = ("before", "after")
RULES = ("most_confident", "average")
TINY = {"framing": [{"resize": 32}], "model.backbone": "test_resnet", "model.cut": None, "stages.0.epochs": 1,
        "drawn.patients": 16, "drawn.cells": 4, "drawn.size": 32, "drawn.seed": 7, "split.test": 0.4,
        "split.seed": 1, "test_time.flips": "both"}  # fmt: skip


def write_model(path: Path, seed: int, *, classes: Sequence[str] = ("hem", "all"), patients: int = 24) -> Path:
    """Write what a model that is too sure of itself says of five cells of each patient."""
    code = np.repeat(np.arange(patients), 5)
    truth, random = code % len(classes), np.random.default_rng(seed)
    hard = np.random.default_rng(0).normal(0, 0.6, (patients, len(classes)))[code]
    logits = 4 * (np.eye(len(classes))[truth] * 1.5 + hard + random.normal(0, 1, hard.shape))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    columns = {"id": [f"c{place}" for place in range(len(code))], "patient": [f"P{one}" for one in code],
               "part": np.where(code // len(classes) % 2 == 0, "validation", "test"),
               "label": np.array(classes)[truth]}  # fmt: skip
    pl.DataFrame(columns | {f"p_{name}": shares[:, k] for k, name in enumerate(classes)}).write_csv(path)
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Ensemble:
    place = tmp_path_factory.mktemp("beside")
    models = [write_model(place / f"net{seed}.csv", seed) for seed in (1, 2, 3)]
    return ensemble(models, place / "out", rules=RULES)


def watched_clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a look at n pictures take 250 + 10 n ms by the clock, the first at each number 400 ms more; note each n."""
    looks, now, look = list[int](), [0.0], member_costs.view_logits

    def looked(model: Any, pixels: Any, **given: Any) -> Any:
        now[0] += 0.25 + 0.01 * len(pixels) + 0.4 * (looks[-1:] != [len(pixels)])
        looks.append(len(pixels))
        return look(model, pixels, **given)

    monkeypatch.setattr(member_costs, "view_logits", looked)
    monkeypatch.setattr(member_costs, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    return looks


def said(found: Ensemble, rule: str, part: str) -> Predictions:
    return read_foreign(found.rule(rule) / "predictions" / f"{part}.parquet")


def test_calibration_is_fitted_on_validation_and_measured_on_test(found: Ensemble) -> None:
    table = pl.read_csv(found.folder / "calibration.csv")
    assert table["name"].to_list() == [name for name in ("net1", "net2", "net3", *RULES) for _ in range(2)]
    assert table["state"].to_list() == ["before", "after"] * 5
    assert table["calibration"].to_list() == ["none", "platt"] * 5
    test, own = said(found, "average", "test"), pl.col("name") == "average"
    before, after = (table.row(by_predicate=own & (pl.col("state") == state), named=True) for state in STATES)
    scores = evaluate(test)
    assert before["ece"] == pytest.approx(scores["ece"].value)
    assert before["log_loss_high"] == pytest.approx(scores["log_loss"].high)
    fitted = fit_calibrator(said(found, "average", "validation"), "platt")
    assert after["log_loss"] == pytest.approx(evaluate(fitted.apply(test))["log_loss"].value)
    highest = test.probabilities().max(axis=1)
    assert before["mean_confidence"] == pytest.approx(highest.mean())
    assert after["mean_confidence"] < before["mean_confidence"], "these are too sure of themselves"


def test_the_surest_is_surer_than_any_and_the_page_says_so(found: Ensemble) -> None:
    table = pl.read_csv(found.folder / "calibration.csv").filter(state="before")
    sure = dict(table.select("name", "mean_confidence").iter_rows())
    assert sure["most_confident"] > max(sure["net1"], sure["net2"], sure["net3"]) > sure["average"]
    page = (found.folder / "ensemble.html").read_text(encoding="utf-8")
    assert "By taking the surest of several, it is more sure than any is right" in page
    assert "Is a rule better than the plain average of the same models?" in page
    assert "What each costs" not in page, "tables of predictions cost nothing that is known"
    assert {"reliability.svg", "ensemble_roc.svg"} <= {path.name for path in (found.folder / "figures").iterdir()}


def test_the_bins_hold_every_row_once(found: Ensemble) -> None:
    table = pl.read_csv(found.folder / "reliability.csv")
    counts = table.group_by("name", "state").agg(pl.col("cells").sum())
    assert counts["cells"].to_list() == [60] * 10
    assert (table["low"] >= 0.5).all(), "of two classes the highest probability is a half or more"


def test_each_rule_is_compared_with_the_average_by_patient(found: Ensemble) -> None:
    table = pl.read_csv(found.folder / "against_average.csv")
    assert table["score"].to_list() == ["weighted_f1", "roc_auc", "brier", "log_loss"]
    assert table["name"].unique().to_list() == ["most_confident"]
    assert set(zip(table["unit"], table["clusters"], strict=True)) == {("patient", 12)}
    own = compare_pair(said(found, "most_confident", "test"), said(found, "average", "test"), score="log_loss")
    row = table.row(by_predicate=pl.col("score") == "log_loss", named=True)
    assert (row["difference"], row["low"], row["p"]) == pytest.approx((own.difference, own.low, own.p))


def test_rates_are_those_of_the_test_part(found: Ensemble) -> None:
    table = pl.read_csv(found.folder / "rates.csv")
    assert table.height == 15
    own = table.filter(name="average")
    for row, at in zip(own.iter_rows(named=True), missed_at(said(found, "average", "test")), strict=True):
        rate = at.false_negative_rate
        assert row["false_positive_rate"] == at.false_positive_rate
        assert (row["false_negative_rate"], row["false_negative_rate_low"]) == pytest.approx((rate.value, rate.low))
    curves = pl.read_csv(found.folder / "curves.csv").group_by("name").agg(pl.col("fpr").max(), pl.col("tpr").max())
    assert curves.select("fpr", "tpr").unique().rows() == [(1.0, 1.0)]


def test_three_classes_have_a_temperature_and_no_rates(tmp_path: Path) -> None:
    models = [write_model(tmp_path / f"m{seed}.csv", seed, classes=("eo", "ly", "mo")) for seed in (1, 2)]
    found = ensemble(models, tmp_path / "out", rules=RULES)
    assert set(pl.read_csv(found.folder / "calibration.csv")["calibration"]) == {"none", "temperature"}
    assert not (found.folder / "rates.csv").exists()
    page = (found.folder / "ensemble.html").read_text(encoding="utf-8")
    assert "What is missed at an equal rate of false alarms" not in page
    assert "most confident is" in page


def test_costs_are_measured_and_a_rule_costs_what_its_members_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = api.train("drawn", out=tmp_path / "run", changes=TINY)
    looks = watched_clock(monkeypatch)
    table = costs_table(["a", "b"], [run, run], ["average"])
    rows = {row["name"]: row for row in table.iter_rows(named=True)}
    weights = (run.bundle / "weights.safetensors").stat().st_size
    assert rows["a"]["megabytes"] == weights / 1e6
    assert rows["a"]["views"] == 4
    assert rows["a"]["parameters"] > 1000
    assert looks == [1] * 5 + [32] * 4 + [1] * 5 + [32] * 4, "the first pass of each warms up"
    assert (rows["a"]["ms_batch_1"], rows["a"]["passes_1"]) == pytest.approx((260, 4))
    assert (rows["a"]["ms_batch_32"], rows["a"]["passes_32"]) == pytest.approx((570 / 32, 3))
    for name in ("parameters", "megabytes", "ms_batch_1", "ms_batch_32"):
        assert rows["average"][name] == pytest.approx(rows["a"][name] + rows["b"][name])
    assert (rows["average"]["views"], rows["a"]["device"], rows["a"]["note"]) == (None, "cpu", None)
    (run.bundle / "bundle.json").unlink()
    lost = costs_table(["a"], [run], ["average"])
    assert lost["ms_batch_1"].to_list() == [None, None]
    assert lost["note"][0] == "This is no bundle: it holds no bundle.json."
