"""``against_average.csv``: each rule less the plain mean of the members, paired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.evaluation import compare_pair
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensembling import Ensemble, ensemble

Said = Callable[[str, str], Predictions]


def test_each_rule_is_compared_with_the_average_by_patient(of_tables: Ensemble, rule_said: Said) -> None:
    table = pl.read_csv(of_tables.folder / "against_average.csv")
    assert table["score"].to_list() == ["weighted_f1", "roc_auc", "brier", "log_loss"]
    assert table["name"].unique().to_list() == ["most_confident"]
    assert set(zip(table["unit"], table["clusters"], strict=True)) == {("patient", 12)}
    own = compare_pair(rule_said("most_confident", "test"), rule_said("average", "test"), score="log_loss")
    row = table.row(by_predicate=pl.col("score") == "log_loss", named=True)
    assert (row["difference"], row["low"], row["p"]) == pytest.approx((own.difference, own.low, own.p))


def test_the_average_is_what_is_compared_with_even_where_nobody_asked_for_it(
    of_tables: Ensemble, model_table: Callable[..., Path], tmp_path: Path
) -> None:
    models = [model_table(tmp_path / f"net{seed}.csv", seed) for seed in (1, 2, 3)]
    found = ensemble(models, tmp_path / "out", rules=["most_confident"])
    asked, unasked = (pl.read_csv(one.folder / "against_average.csv") for one in (of_tables, found))
    assert unasked.equals(asked)


def test_an_ensemble_of_the_average_alone_compares_nothing(model_table: Callable[..., Path], tmp_path: Path) -> None:
    models = [model_table(tmp_path / f"net{seed}.csv", seed) for seed in (1, 2)]
    found = ensemble(models, tmp_path / "out", rules=["average"])
    table = pl.read_csv(found.folder / "against_average.csv")
    assert table.height == 0
    assert {"name", "score", "difference", "low", "high", "p"} <= set(table.columns)
