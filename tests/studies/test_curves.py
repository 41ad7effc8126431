from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.files import read_table, remove
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.studies import Study
from leukoscope.studies.curves import (
    CURVES,
    EPOCHS,
    best_epoch_values,
    curves_table,
    epochs_table,
    run_epochs,
    write_curves,
)


def epochs(*runs: list[float | None], variant: str = "a", best: int = 1) -> pl.DataFrame:
    """Return the epochs of runs whose accuracy is given, epoch by epoch."""
    tables = [pl.DataFrame(schema=EPOCHS)]
    for number, values in enumerate(runs):
        history = pl.DataFrame(
            {"epoch": range(1, len(values) + 1), "validation_accuracy": values}, schema_overrides={"epoch": pl.Int64}
        )
        tables.append(run_epochs(f"{variant}-seed{number}", variant, history, best))
    return pl.concat(tables)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=5), min_size=1, max_size=6))
def test_each_epoch_is_over_the_runs_that_reached_it(runs: list[list[float]]) -> None:
    found = curves_table(epochs(*runs))
    assert found.schema == CURVES
    assert found["epoch"].to_list() == list(range(1, max(map(len, runs)) + 1))
    for row in found.iter_rows(named=True):
        values = [run[row["epoch"] - 1] for run in runs if len(run) >= row["epoch"]]
        assert row["runs"] == len(values)
        assert row["mean"] == pytest.approx(np.mean(values))
        if len(values) > 1:
            assert row["deviation"] == pytest.approx(np.std(values, ddof=1), abs=1e-12)
        else:
            assert row["deviation"] is None


def test_a_longer_run_of_a_later_seed_keeps_the_epochs_in_order_and_variants_apart() -> None:
    found = curves_table(pl.concat([epochs([0.5], [0.7, 0.9]), epochs([0.1], variant="b")]))
    assert found.select("variant", "epoch", "runs", "mean").rows() == [
        ("a", 1, 2, 0.6), ("a", 2, 1, 0.9), ("b", 1, 1, 0.1),
    ]  # fmt: skip


def test_what_is_not_defined_is_left_out_and_what_never_was_is_no_curve() -> None:
    found = epochs([None, 0.5], [0.25, 0.75])
    assert found["value"].to_list() == [0.5, 0.25, 0.75]
    assert curves_table(found).select("epoch", "runs").rows() == [(1, 1), (2, 2)]
    # As such a column comes out of a csv.
    nothing = pl.DataFrame({"epoch": [1], "validation_mcc": pl.Series([None], dtype=pl.String)})
    assert run_epochs("a-seed0", "a", nothing, 1).is_empty()


def test_the_value_at_the_kept_epoch_is_that_epoch_s() -> None:
    assert list(best_epoch_values(epochs([0.5, 0.9, 0.6], [0.7, 0.8], best=2))) == [("a", "accuracy", [0.9, 0.8])]


def test_a_study_s_curves_are_those_of_its_histories(study: Study) -> None:
    table = read_table(study.place.curves)
    histories = [read_table(run.folder / "history.csv") for run in study.runs]
    variants = study.table["variant"].to_list()
    for row in table.iter_rows(named=True):
        column = f"validation_{row['metric']}"
        own = [one for one, variant in zip(histories, variants, strict=True) if variant == row["variant"]]
        values = [one.filter(pl.col("epoch") == row["epoch"])[column][0] for one in own]
        known = [float(value) for value in values if value is not None]
        assert (row["runs"], row["mean"]) == (len(known), pytest.approx(np.mean(known)))
    metrics = {column for one in histories for column in one.columns if column.startswith("validation_")}
    assert {f"validation_{name}" for name in table["metric"]} <= metrics
    assert {"loss", "accuracy", "weighted_f1", "roc_auc", "ece"} <= set(table["metric"])


def test_the_summary_holds_the_values_that_were_chosen_on_validation(study: Study) -> None:
    row = study.summary.filter(pl.col("score") == "roc_auc").row(0, named=True)
    chosen = study.table.filter(pl.col("variant") == row["variant"])["validation"].to_list()
    assert study.table["validation_metric"].unique().to_list() == ["roc_auc"]
    assert row["validation_runs"] == len(chosen) == 2
    assert row["validation_mean"] == pytest.approx(np.mean(chosen))
    assert row["validation_deviation"] == pytest.approx(abs(chosen[0] - chosen[1]) / math.sqrt(2))
    assert (row["validation_min"], row["validation_max"]) == (min(chosen), max(chosen))


def test_unfinished_runs_and_runs_without_epochs_have_none(copied: Path) -> None:
    place = StudyFolder(copied)
    first, *_, last = place.runs.iterdir()
    remove(first)
    remove(last / "history.csv")
    names = set(epochs_table(place)["name"])
    assert names == {folder.name for folder in place.runs.iterdir()} - {last.name}
    remove(place.curves)
    write_curves(place, pl.DataFrame(schema=EPOCHS))
    assert not place.curves.exists()
