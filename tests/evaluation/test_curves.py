from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import auc

from leukoscope.evaluation import evaluate
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]


def test_the_area_under_the_curve_is_the_score(draw: Draw) -> None:
    scores = evaluate(draw(cells=5), replicates=0)
    curve = scores.curves["roc"]["all"]
    assert auc(curve["fpr"], curve["tpr"]) == pytest.approx(scores["roc_auc"].value, abs=1e-4)
    assert list(scores.curves["roc"]) == ["all"]
    assert scores.curves["pr"]["all"]["recall"][0] == 0
    assert scores.curves["pr"]["all"]["recall"][-1] == 1


def test_a_long_curve_is_thinned_and_keeps_its_ends_and_area(draw: Draw) -> None:
    scores = evaluate(draw(patients=40, cells=60, skill=0.5), replicates=0)
    assert scores.cells > 1500
    for name, across, up in (("roc", "fpr", "tpr"), ("pr", "recall", "precision")):
        curve = scores.curves[name]["all"]
        assert len(curve[across]) == len(curve[up]) <= 200
        assert curve[across][0] == 0
        assert curve[across][-1] == 1
        assert (np.diff(curve[across]) >= 0).all()
    curve = scores.curves["roc"]["all"]
    assert auc(curve["fpr"], curve["tpr"]) == pytest.approx(scores["roc_auc"].value, abs=2e-3)


def test_each_of_several_classes_has_its_curve_but_an_absent_one_has_none(draw: Draw) -> None:
    three = draw(classes=3)
    part = Predictions(three.table.filter(pl.col("label") != "c"), three.classes)
    curves = evaluate(part, replicates=0).curves
    assert list(curves["roc"]) == list(curves["pr"]) == ["hem", "all"]


def test_calibration_bins_hold_every_cell_and_make_up_the_error(draw: Draw) -> None:
    for classes in (2, 4):
        scores = evaluate(draw(classes=classes), replicates=0)
        bins = scores.curves["calibration"]
        assert sum(one["cells"] for one in bins) == scores.cells
        gap = sum(one["cells"] * abs(one["mean_probability"] - one["share_right"]) for one in bins) / scores.cells
        assert gap == pytest.approx(scores["ece"].value)
        assert all(one["low"] <= one["mean_probability"] <= one["high"] for one in bins)
