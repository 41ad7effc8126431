from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import compare_pair, evaluate
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions
from leukoscope.validation.comparing import BINS, RECALIBRATION, compared, reliability_table

CLASSES = Classes(("hem", "all"))
BACK = Calibrator("platt", CLASSES.names, 40, slope=0.7, offset=-1.4)


def said() -> Predictions:
    chance, rows = np.random.default_rng(5), range(120)
    truth = np.array(rows) // 3 % 2
    logits = 1.5 * chance.normal(2 * truth - 1, 1.2) + 2
    share = 1 / (1 + np.exp(-logits))
    columns = {"id": [str(row) for row in rows], "patient": [f"P{row // 3}" for row in rows]}
    labels = [CLASSES.names[one] for one in truth]
    return Predictions(pl.DataFrame({**columns, "label": labels, "p_hem": 1 - share, "p_all": share}), CLASSES)


def test_the_table_holds_the_scores_of_evaluate_and_the_paired_difference() -> None:
    before, after, how = said(), BACK.apply(said()), Resampling(replicates=200)
    table = compared(before, after, (0.5, 0.5), how)
    assert dict(table.schema) == RECALIBRATION
    assert table["score"].to_list() == [
        "accuracy", "balanced_accuracy", "sensitivity", "specificity", "macro_f1", "roc_auc", "brier", "log_loss",
        "ece",
    ]  # fmt: skip
    row = table.row(by_predicate=pl.col("score") == "log_loss", named=True)
    own = [evaluate(one, threshold=0.5, replicates=200).scores["log_loss"] for one in (before, after)]
    assert [row["before"], row["after"]] == [one.value for one in own]
    pair = compare_pair(after, before, score="log_loss", replicates=200)
    assert [row["difference"], row["difference_low"], row["p"]] == pytest.approx([pair.difference, pair.low, pair.p])
    assert row["difference"] < 0
    unpaired = table.row(by_predicate=pl.col("score") == "ece", named=True)
    assert unpaired["difference"] == unpaired["after"] - unpaired["before"]
    assert unpaired["difference_low"] is None


def test_a_score_that_is_not_defined_has_its_reason() -> None:
    healthy = said().table.filter(pl.col("label") == "hem")
    before = Predictions(healthy, CLASSES)
    table = compared(before, BACK.apply(before), (0.5, 0.5), Resampling(replicates=0))
    row = table.row(by_predicate=pl.col("score") == "sensitivity", named=True)
    assert (row["before"], row["difference"]) == (None, None)
    assert row["reason"]


def test_the_bins_hold_every_row_once() -> None:
    table = reliability_table(said(), BACK.apply(said()))
    assert dict(table.schema) == BINS
    assert table.group_by("state").agg(pl.col("cells").sum()).sort("state").rows() == [("after", 120), ("before", 120)]
