from __future__ import annotations

import polars as pl
import pytest

from leukoscope.reports.figures import loss_curves, score_curves
from leukoscope.reports.figures.learning_curves import scores_noted


@pytest.fixture
def history() -> pl.DataFrame:
    rows = {"epoch": [1, 2, 3], "stage": [1, 2, 2], "loss": [0.9, 0.5, 0.4], "validation_accuracy": [0.5, 0.7, 0.8]}
    rows |= {"validation_roc_auc": [None, 0.8, 0.9], "validation_brier": [0.3, 0.2, 0.1]}
    return pl.DataFrame(rows).with_columns(pl.lit(None, pl.String).alias("validation_macro_f1"))


def test_the_loss_and_the_epoch_that_was_kept(history: pl.DataFrame) -> None:
    figure = loss_curves(history, best_epoch=3)
    loss, kept = figure.axes[0].lines
    assert loss.get_ydata().tolist() == [0.9, 0.5, 0.4]
    assert kept.get_xdata()[0] == 3
    assert [text.get_text() for text in figure.legends[0].texts] == ["training part", "epoch kept: 3"]
    # The second stage is shaded, from half an epoch before it to half an epoch after.
    (shade,) = figure.axes[0].patches
    assert (shade.get_x(), shade.get_width()) == (1.5, 2.0)


def test_scores_that_have_values_the_chosen_one_first(history: pl.DataFrame) -> None:
    assert scores_noted(history, "brier") == ["brier", "roc_auc", "accuracy"]
    assert scores_noted(history, "loss") == scores_noted(history, None) == ["roc_auc", "accuracy"]
    figure = score_curves(history, chosen_by="brier", leaking=True)
    assert [text.get_text() for text in figure.legends[0].texts] == ["Brier score", "ROC AUC", "Accuracy"]


def test_no_more_curves_than_can_be_told_apart(history: pl.DataFrame) -> None:
    wide = history.with_columns(
        pl.lit(0.5).alias(f"validation_{name}") for name in ("weighted_f1", "balanced_accuracy", "macro_f1", "mcc")
    )
    assert scores_noted(wide, "mcc") == ["mcc", "roc_auc", "weighted_f1", "balanced_accuracy"]


def test_a_long_training_has_no_markers(history: pl.DataFrame) -> None:
    long = pl.DataFrame({"epoch": list(range(1, 101)), "loss": [0.5] * 100})
    assert loss_curves(long).axes[0].lines[0].get_marker() == "None"
    assert loss_curves(history).axes[0].lines[0].get_marker() == "o"
