from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.shortcuts import baselines_of
from leukoscope.cohort.splits.split import Split

LayOut = Callable[..., Any]


@pytest.fixture
def bench(lay_out: LayOut) -> Any:
    """Twenty patients, half of them ill; the cells of the ill are larger by twice their deviation."""
    drawn = np.random.default_rng(0)
    rows = [
        {
            "id": f"p{n:02d}_{cell}",
            "patient": f"p{n:02d}",
            "label": "all" if n % 2 else "hem",
            "not_black": int(20_000 + 4_000 * (n % 2) + 2_000 * drawn.normal()),
            "contrast": float(drawn.normal(30, 3)),
        }
        for n in range(20)
        for cell in range(8)
    ]
    return lay_out(rows)


def parted(bench: Any, train: int) -> Split:
    cells = bench.cohort.cells.select("id", group="patient")
    part = pl.when(pl.col("group") < f"p{train:02d}").then(pl.lit("train")).otherwise(pl.lit("test"))
    return Split(cells.with_columns(part=part), "holdout", "patient", 0)


def test_learnt_on_the_training_part_and_scored_on_the_test_part(bench: Any) -> None:
    found = baselines_of(bench.cohort, bench.pictures, parted(bench, 12))
    assert list(found) == ["global_statistics", "best_statistic"]
    assert found["best_statistic"]["title"] == "the size of the cell (its pixels that are not black) alone"
    for entry in found.values():
        area = entry["scores"]["roc_auc"]
        assert 0.8 < area["value"] < 1
        assert area["low"] < area["value"] < area["high"]


def test_where_the_validation_part_was_learnt_from_the_rules_learn_from_it_too(bench: Any) -> None:
    split = parted(bench, 12)
    third = pl.when(pl.col("group") < "p04").then(pl.lit("validation")).otherwise("part")
    divided = Split(split.table.with_columns(part=third), "holdout", "patient", 0)
    whole = baselines_of(bench.cohort, bench.pictures, divided, whole=True)
    assert whole == baselines_of(bench.cohort, bench.pictures, split)
    assert whole != baselines_of(bench.cohort, bench.pictures, divided)


def test_test_labels_are_not_looked_at(bench: Any) -> None:
    split = parted(bench, 12)
    test = bench.cohort.cells.join(split.table.filter(pl.col("part") == "test"), on="id", how="semi")["id"].to_list()
    swapped = {"hem": "all", "all": "hem"}
    label = pl.when(pl.col("id").is_in(test)).then(pl.col("label").replace_strict(swapped)).otherwise("label")
    other = type(bench)(
        type(bench.cohort).from_cells(
            "x", bench.cohort.root, bench.cohort.cells.with_columns(label=label), bench.cohort.classes
        ),
        bench.pictures,
    )
    one = baselines_of(bench.cohort, bench.pictures, split)
    two = baselines_of(other.cohort, other.pictures, split)
    for name in one:
        assert two[name]["title"] == one[name]["title"]
        assert two[name]["scores"]["roc_auc"]["value"] == pytest.approx(1 - one[name]["scores"]["roc_auc"]["value"])


def test_with_few_patients_there_is_no_best_one_and_without_cells_nothing(bench: Any) -> None:
    assert list(baselines_of(bench.cohort, bench.pictures, parted(bench, 4))) == ["global_statistics"]
    assert baselines_of(bench.cohort, bench.pictures, parted(bench, 0)) == {}
