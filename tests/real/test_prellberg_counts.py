"""What Prellberg & Kramer's own counts say when they go through our functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import evaluate
from leukoscope.files import read_table
from leukoscope.predictions import Predictions
from leukoscope.recipes.loading import load_recipe
from leukoscope.reports.figures.patient_accuracy import patient_accuracy
from leukoscope.reports.published_figure import published_figure
from leukoscope.studies.curves import best_epoch_values, curves_table, run_epochs
from leukoscope.studies.patient_accuracy import patient_rows
from leukoscope.training.history import History
from leukoscope.training.metrics import cell_scores

CLASSES = Classes(("hem", "all"), ("normal cell", "leukaemic blast"))
NORMAL, LEUKAEMIC = range(2)


def cells_of(counts: dict[str, Any]) -> tuple[list[int], list[int]]:
    """Return the true and the called class of every cell of an epoch."""
    kinds = {"tn": (NORMAL, NORMAL), "fp": (NORMAL, LEUKAEMIC), "fn": (LEUKAEMIC, NORMAL), "tp": (LEUKAEMIC, LEUKAEMIC)}
    pairs = [pair for name, pair in kinds.items() for _ in range(counts[name])]
    return [truth for truth, _ in pairs], [called for _, called in pairs]


@pytest.fixture(scope="module")
def epochs(real_data: Path) -> pl.DataFrame:
    return read_table(real_data / "cnmc" / "prellberg2019" / "epochs.csv")


@pytest.fixture(scope="module")
def history(epochs: pl.DataFrame) -> History:
    """Their history in our form; the row before training is no epoch."""
    made = History("weighted_f1")
    for row in epochs.filter(pl.col("epoch") > 0).iter_rows(named=True):
        truth, called = cells_of(row)
        certain = pl.Series(called).to_dummies().to_numpy().astype(float)
        found = cell_scores(pl.Series(truth).to_numpy(), certain, CLASSES)
        scores = {
            f"validation_{name}": found[name] for name in ("accuracy", "sensitivity", "specificity", "weighted_f1")
        }
        made = made.with_row({"epoch": row["epoch"], "stage": 1, "loss": row["loss_train"], **scores})
    return made


def test_the_best_epoch_is_theirs(history: History) -> None:
    assert history.best is not None
    assert history.best["epoch"] == 5
    assert round(history.best["validation_weighted_f1"], 6) == 0.898080
    long = run_epochs("seed0", "prellberg2019", history.table(), history.best["epoch"])
    chosen = {metric: values for _, metric, values in best_epoch_values(long)}
    assert [round(value, 6) for value in chosen["weighted_f1"]] == [0.898080]
    last = curves_table(long).filter((pl.col("metric") == "weighted_f1") & (pl.col("epoch") == 6))
    assert [round(mean, 6) for mean in last["mean"]] == [0.887376]


def test_their_run_lies_between_the_published_extremes(history: History) -> None:
    published = load_recipe("prellberg2019").about.published
    assert history.best is not None
    for name in ("accuracy", "sensitivity", "specificity", "weighted_f1"):
        figure = published_figure(published[name])
        assert figure is not None
        assert figure.min is not None
        assert figure.max is not None
        # As printed, to hundredths of a per cent.
        assert figure.min - 5e-5 <= history.best[f"validation_{name}"] <= figure.max + 5e-5


def test_the_table_of_subjects_is_theirs(real_data: Path, history: History) -> None:
    theirs = read_table(real_data / "cnmc" / "prellberg2019" / "subjects_last_epoch.csv", text=True)
    theirs = theirs.with_columns(pl.col("cells", "correct").cast(pl.Int64))
    scores = evaluate(Predictions(cells_of_subjects(theirs), CLASSES), replicates=0)
    assert round(scores["accuracy"].value or 0, 6) == 0.888591
    assert round(scores["weighted_f1"].value or 0, 6) == 0.887376
    # The subjects' cells are those of the last epoch's counts.
    assert scores["weighted_f1"].value == pytest.approx(history.rows[-1]["validation_weighted_f1"], abs=1e-12)
    assert scores["sensitivity"].value == pytest.approx(history.rows[-1]["validation_sensitivity"], abs=1e-12)

    rows = patient_rows(scores.as_json())
    ours = {row["patient"]: (row["cells"], row["right"]) for row in rows.iter_rows(named=True)}
    assert ours == {subject: (cells, right) for subject, cells, right in theirs.iter_rows()}
    assert rows.filter("negative")["patient"].str.starts_with("H").all()
    assert rows.filter(~pl.col("negative")).height == 13
    assert (rows["patient"][0], rows["patient"][-1]) == ("H25", "62")
    assert rows["share_right"].is_sorted()

    axes = patient_accuracy(rows.to_dicts(), CLASSES.titles, "last epoch").axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == 28
    assert sum(name.endswith("○") for name in names) == 15


def cells_of_subjects(subjects: pl.DataFrame) -> pl.DataFrame:
    """Return a row a cell: normal subjects have an H before their number."""
    rows = [
        {"id": f"{subject}_{number}", "patient": subject, "label": own, "called": own if number < right else other}
        for subject, cells, right in subjects.iter_rows()
        for own, other in [("hem", "all") if subject.startswith("H") else ("all", "hem")]
        for number in range(cells)
    ]
    return pl.DataFrame(rows)
