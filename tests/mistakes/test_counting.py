from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.mistakes import how_many, missed_table, only_one, only_one_cells


@pytest.fixture
def four(judged: Any) -> Any:
    """Four models that err at random on 300 cells of nine patients."""
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, 300)
    models = [np.clip(truth + random.normal(0, 1.5, 300), 0, 1) for _ in range(4)]
    return judged(models, truth, [f"P{number % 9}" for number in range(300)])


def test_how_many_models_miss_how_many_cells_by_brute_force(four: Any) -> None:
    table = how_many(four)
    assert table.height == 3 * 5
    for row in table.iter_rows(named=True):
        cells = [
            place
            for place in range(300)
            if (row["label"] is None or four.table["label"][place] == row["label"])
            and sum(bool(four.wrong[model, place]) for model in range(4)) == row["missed_by"]
        ]
        assert row["cells"] == len(cells)
        assert row["patients"] == len({four.table["patient"][place] for place in cells})
    assert table.filter(pl.col("label").is_null())["cells"].sum() == 300
    assert min(table.filter(pl.col("label").is_null())["cells"]) > 0, "every number is tried on cells"


def test_cells_that_only_one_gets_right_or_wrong_by_brute_force(four: Any) -> None:
    table, cells = only_one(four), only_one_cells(four)
    for row in table.iter_rows(named=True):
        model = int(row["model"][1:])
        found = []
        for place in range(300):
            wrong = [bool(four.wrong[other, place]) for other in range(4)]
            alone = wrong.count(wrong[model]) == 1 and wrong[model] == (row["alone"] == "wrong")
            if alone and row["label"] in {None, four.table["label"][place]}:
                found.append(four.table["id"][place])
        assert row["cells"] == len(found)
        if row["label"] is None:
            assert cells.filter(model=row["model"], alone=row["alone"])["id"].to_list() == found


def test_the_missed_come_first_with_what_each_model_says(judged: Any) -> None:
    found = missed_table(judged([[0.9, 0.2, 0.4, 0.4], [0.8, 0.1, 0.7, 0.3]], [1, 1, 1, 1]))
    assert found["id"].to_list() == ["c0001", "c0003", "c0002", "c0000"]
    assert found["missed_by"].to_list() == [2, 2, 1, 0]
    assert found["called: m0"].to_list() == ["hem", "hem", "hem", "all"]
    assert found["probability of the truth: m1"].to_list() == pytest.approx([0.1, 0.3, 0.7, 0.8])


def test_of_one_model_nothing_stands_alone(judged: Any) -> None:
    one = judged([[0.9, 0.1]], [1, 1])
    assert (only_one(one).height, only_one_cells(one).height) == (0, 0)
    assert how_many(one).filter(pl.col("label").is_null())["cells"].to_list() == [1, 1]


def test_unknown_patients_are_not_counted(judged: Any) -> None:
    table = how_many(judged([[0.9, 0.1]], [1, 1], [None, None]))
    assert table["patients"].null_count() == sum(1 for row in table.iter_rows(named=True) if row["cells"])
