from __future__ import annotations

import polars as pl
import pytest

from leukoscope.recipes.schema import StageSettings
from leukoscope.training.history import History


def history(values: list[float | None], stages: list[int] | None = None, *, smallest: bool = False) -> History:
    found = History("accuracy", smallest)
    for epoch, value in enumerate(values, start=1):
        stage = 1 if stages is None else stages[epoch - 1]
        found = found.with_row({"epoch": epoch, "stage": stage, "loss": 1.0, "validation_accuracy": value})
    return found


@pytest.mark.parametrize(("smallest", "best"), [(False, 2), (True, 1)])
def test_the_first_of_equally_good_epochs_is_the_best(smallest: bool, best: int) -> None:
    row = history([0.5, 0.7, 0.7, None], smallest=smallest).best
    assert row is not None
    assert row["epoch"] == best


def test_before_the_first_epoch_there_is_no_best() -> None:
    assert history([]).best is None


@pytest.mark.parametrize(
    ("values", "patience", "over"),
    [
        ([], 1, False),
        ([0.5], 1, False),
        ([0.5, 0.6], 1, False),
        ([0.5, 0.5], 1, True),
        ([0.5, 0.4], 2, False),
        ([0.5, 0.4, 0.4], 2, True),
        ([0.5, 0.4, 0.6, 0.5], 2, False),
        ([0.1, 0.2, 0.3, 0.4, 0.5], None, True),
        ([0.5, 0.4, 0.3, 0.2], None, False),
    ],
)
def test_a_stage_is_over_with_its_epochs_or_its_patience(
    values: list[float | None], patience: int | None, over: bool
) -> None:
    stage = StageSettings(epochs=5, patience=patience)
    assert history(values).stage_over(1, stage) is over


def test_patience_counts_the_stage_s_own_epochs() -> None:
    found = history([0.9, 0.5, 0.6], [1, 2, 2])
    assert not found.stage_over(2, StageSettings(epochs=5, patience=3))
    assert found.stage_over(2, StageSettings(epochs=5, patience=2))
    assert not history([0.9, 0.5], [1, 1]).stage_over(2, StageSettings(epochs=1, patience=1))


def test_the_table_has_every_column_and_numbers_where_nothing_is() -> None:
    table = history([None, None]).table()
    assert table.columns == ["epoch", "stage", "loss", "validation_accuracy"]
    assert table.schema["validation_accuracy"] == pl.Float64
