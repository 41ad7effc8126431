from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.evaluation import evaluate
from leukoscope.evaluation.scoring import Resampling
from leukoscope.mistakes import association_table, rate_table, share_of
from leukoscope.mistakes.rates import bins_of

HOW = Resampling(replicates=400)


@pytest.fixture
def planted(judged: Any) -> Any:
    """Two models on 900 cells of 30 patients: the first misses small cells, the second any; and their properties."""
    random = np.random.default_rng(5)
    truth = np.arange(900) // 30 % 2
    size = random.normal(100, 20, 900)
    small = 1 / (1 + np.exp((size - 80) / 6))
    models = [np.where(random.random(900) < miss, 1 - truth, truth).astype(float) for miss in (small, 0.15)]
    properties = pl.DataFrame(
        {
            "id": [f"c{number:04d}" for number in range(900)],
            "area": size,
            "noise": random.random(900),
            "touches_border": random.random(900) < 0.3,
        }
    )
    return judged(models, truth, [f"P{number // 30:02d}" for number in range(900)]), properties


def test_a_planted_property_is_found_and_noise_is_not(planted: Any) -> None:
    found = association_table(*planted, HOW)
    told = {(row["model"], row["property"], row["label"]): row for row in found.iter_rows(named=True)}
    for label in (None, "hem", "all"):
        row = told["m0", "area", label]
        assert row["high"] < 0.2
        assert row["beyond_chance"]
        assert row["patients_with_missed"] <= (30 if label is None else 15)
    others = [row for key, row in told.items() if key[:2] != ("m0", "area")]
    assert all(row["low"] < row["auc"] < row["high"] for row in others)
    assert sum(row["beyond_chance"] for row in others) <= 3, "of 15 intervals, hardly more than one by luck"


def test_the_auc_is_the_share_of_pairs(planted: Any) -> None:
    judged, properties = planted
    row = association_table(judged, properties, HOW).row(0, named=True)
    size, wrong = properties["area"].to_numpy(), judged.wrong[0]
    assert row["auc"] == pytest.approx((size[wrong][:, None] > size[~wrong][None]).mean(), abs=1e-9)


def test_error_rates_are_those_counted_by_hand(planted: Any) -> None:
    judged, properties = planted
    table = rate_table(judged, properties, HOW)
    for row in table.filter(property="area").iter_rows(named=True):
        size = properties["area"].to_numpy()
        cells = (size >= row["from"]) & (size <= row["to"])
        wrong = judged.wrong[int(row["model"][1:])]
        assert (row["cells"], row["wrong"]) == (300, int(wrong[cells].sum()))
        assert row["low"] <= row["error_rate"] == wrong[cells].mean() < row["high"]
    rates = table.filter(property="area", model="m0")["error_rate"].to_list()
    assert rates[0] > 3 * rates[2]
    assert table.filter(property="touches_border", model="m0")["group"].to_list() == ["no", "yes"]
    assert table.filter(property="patient", model="m1")["cells"].to_list() == [30] * 30
    assert set(table.filter(property="patient")["no_interval"]) == {"it rests on a single patient"}


def test_the_interval_is_that_of_the_accuracy(said: Any, judged: Any) -> None:
    random = np.random.default_rng(1)
    truth = np.arange(300) // 10 % 2
    chance, patients = np.clip(truth + random.normal(0, 0.6, 300), 0, 1), [f"P{one // 10}" for one in range(300)]
    found = judged([chance], truth, patients)
    right = evaluate(said(chance, truth, patients), replicates=400)["accuracy"]
    share = share_of(found.wrong[0], found, HOW)
    assert (share.value, share.low, share.high) == pytest.approx((1 - right.value, 1 - right.high, 1 - right.low))


def test_without_patients_there_is_no_interval(judged: Any) -> None:
    found = judged([[0.9, 0.1, 0.9, 0.1]], [1, 1, 0, 0], [None] * 4)
    properties = pl.DataFrame({"id": found.table["id"], "area": [1.0, 2.0, 3.0, 4.0]})
    rates, told = rate_table(found, properties, HOW), association_table(found, properties, HOW)
    said = "no patients are known, and cells of one patient are not independent"
    assert set(rates["no_interval"]) == {said}
    assert rates["low"].null_count() == rates.height
    assert (told["reason"][0], told["low"][0], told["auc"][0]) == (said, None, 0.5)


def test_what_cannot_be_asked_says_why(judged: Any) -> None:
    found = judged([[0.9, 0.9, 0.1, 0.1]], [1, 1, 0, 0])
    properties = pl.DataFrame({"id": found.table["id"], "area": [1.0, 2.0, 3.0, None]})
    assert set(association_table(found, properties, HOW)["reason"]) == {"no cell is missed, or none is right"}
    missed = judged([[0.1, 0.9, 0.1, 0.1]], [1, 1, 0, 0])
    equal = pl.DataFrame({"id": found.table["id"], "area": [7.0] * 4})
    assert association_table(missed, equal, HOW)["reason"][0] == "all cells have one value"
    assert rate_table(missed, equal, HOW).filter(property="area")["group"].to_list() == ["low"]


def test_many_patients_that_hide_a_lonely_class_are_named(judged: Any) -> None:
    truth = [1] * 10 + [0] * 10
    found = judged([[0.9] * 9 + [0.1] + [0.1] * 10], truth, ["A"] * 10 + [f"P{one}" for one in range(10)])
    share = share_of(found.wrong[0], found, HOW)
    assert share.reason == "too many of these cells are of a class that one patient alone holds"


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")), min_size=1, max_size=60))
def test_bins_part_the_known_values_in_order(values: list[float]) -> None:
    array = np.array(values)
    bins = bins_of(array)
    assert (np.sum(bins, axis=0) == ~np.isnan(array)).all()
    filled = [array[held] for held in bins if held.any()]
    assert all(low.max() < high.min() for low, high in pairwise(filled))
