from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.recipes.schema import ScheduleSettings, StageSettings
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


def falls(values: list[float | None], **settings: Any) -> list[int]:
    """Return the falls before each epoch and before the one that would follow the last."""
    schedule = ScheduleSettings.model_validate({"kind": "plateau"} | settings)
    return [history(values[:done], smallest=True).falls(1, schedule) for done in range(len(values) + 1)]


def falls_in_keras(values: list[float], patience: int) -> list[int]:
    """Keras's ReduceLROnPlateau, line by line (2.2.4, on_epoch_end; min_delta 0, cooldown 0, min_lr 0)."""
    best, wait, fallen, found = float("inf"), 0, 0, [0]
    for current in values:
        if current < best:
            best, wait = current, 0
        else:
            wait += 1
            if wait >= patience:
                fallen += 1
                wait = 0
        found.append(fallen)
    return found


@pytest.mark.parametrize(
    ("values", "settings", "expected"),
    [
        ([], {}, [0]),
        # Two epochs without a better one, and anew after the fall.
        ([1.0, 1.1, 1.1, 1.1, 1.1, 1.1], {"patience": 2}, [0, 0, 0, 1, 1, 2, 2]),
        # A better one begins the count anew; one as good does not.
        ([1.0, 1.1, 0.9, 0.9, 1.0, 0.8], {"patience": 2}, [0, 0, 0, 0, 0, 1, 1]),
        # After a fall the best is still the old one.
        ([1.0, 2.0, 1.5, 1.2, 0.9], {"patience": 1}, [0, 0, 1, 2, 3, 3]),
        ([1.0] * 8, {"patience": 6}, [0] * 7 + [1, 1]),
        ([None, None, 1.0, None], {"patience": 2}, [0, 0, 1, 1, 1]),
        # Epochs of the warm-up are not counted, but may be the best.
        ([1.0, 1.1, 1.2, 1.2, 1.2], {"patience": 2, "warmup": 3}, [0, 0, 0, 0, 0, 1]),
        ([1.0, 1.1, 1.1], {"kind": "constant", "patience": 1}, [0, 0, 0, 0]),
    ],
)
def test_rates_fall_where_the_metric_stays(
    values: list[float | None], settings: dict[str, Any], expected: list[int]
) -> None:
    assert falls(values, **settings) == expected


@given(st.lists(st.integers(0, 9).map(float), max_size=30), st.integers(1, 7))
def test_falls_are_counted_as_in_keras(values: list[float], patience: int) -> None:
    assert falls(list(values), patience=patience) == falls_in_keras(values, patience)


def test_falls_count_the_stage_s_own_epochs_and_large_values_where_these_are_good() -> None:
    found = history([0.9, 0.9, 0.5, 0.6, 0.6], [1, 1, 2, 2, 2])
    schedule = ScheduleSettings(kind="plateau", patience=1)
    assert [found.falls(number, schedule) for number in (1, 2, 3)] == [1, 1, 0]


def test_the_table_has_every_column_and_numbers_where_nothing_is() -> None:
    table = history([None, None]).table()
    assert table.columns == ["epoch", "stage", "loss", "validation_accuracy"]
    assert table.schema["validation_accuracy"] == pl.Float64
