"""``rates.csv`` and ``curves.csv``: what is missed at an equal rate of false alarms, and whether that differs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_curve

from leukoscope.evaluation import compare_missed, missed_at
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensembling import Ensemble

Said = Callable[[str, str], Predictions]
APART = ("against", "difference", "low", "high", "p", "unit", "clusters")


def test_rates_are_those_of_the_test_part(of_tables: Ensemble, rule_said: Said) -> None:
    table = pl.read_csv(of_tables.folder / "rates.csv")
    assert table.height == 15
    own = table.filter(name="average")
    for row, at in zip(own.iter_rows(named=True), missed_at(rule_said("average", "test")), strict=True):
        rate = at.false_negative_rate
        assert row["false_positive_rate"] == at.false_positive_rate
        assert (row["false_negative_rate"], row["false_negative_rate_low"]) == pytest.approx((rate.value, rate.low))
    curves = pl.read_csv(of_tables.folder / "curves.csv").group_by("name").agg(pl.col("fpr").max(), pl.col("tpr").max())
    assert curves.select("fpr", "tpr").unique().rows() == [(1.0, 1.0)]


def test_each_is_set_against_the_member_that_is_best_on_validation(of_tables: Ensemble, rule_said: Said) -> None:
    table, members = pl.read_csv(of_tables.folder / "rates.csv"), of_tables.table.filter(kind="member")
    best = members.sort("validation_weighted_f1", descending=True)["name"][0]
    own = table.filter(name=best)
    assert own.select(APART).null_count().row(0) == (own.height,) * len(APART)
    others = table.filter(pl.col("name") != best)
    assert set(others["against"]) == {best}
    assert set(zip(others["unit"], others["clusters"], strict=True)) == {("patient", 12)}
    mine, rate = others.filter(name="average"), pl.col("false_positive_rate")
    for row, at in zip(mine.iter_rows(named=True), own.iter_rows(named=True), strict=True):
        assert row["difference"] == pytest.approx(row["false_negative_rate"] - at["false_negative_rate"])
    rival = pl.read_csv(of_tables.folder.parent / f"{best}.csv").filter(part="test")
    truth, chance = (rival["label"] == "all").to_numpy(), rival["p_all"].to_numpy()
    across, up, _ = roc_curve(truth, chance, drop_intermediate=False)
    theirs = 1 - np.interp(0.1, across, up)
    first = missed_at(rule_said("average", "test"), (0.1,), replicates=0)[0].false_negative_rate.value
    said = mine.row(by_predicate=rate == 0.1, named=True)
    assert said["difference"] == pytest.approx(first - theirs)
    predictions = Predictions(rival, rule_said("average", "test").classes)
    paired = compare_missed(rule_said("average", "test"), predictions, (0.1,))[0]
    assert (said["low"], said["high"], said["p"]) == pytest.approx((paired.low, paired.high, paired.p))
