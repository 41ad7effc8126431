from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from leukoscope.explanation.finding import evidence_auc


def made(patients: int = 6, cells: int = 20, signal: float = 1.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(0)
    names = [f"P{place}" for place in range(patients) for _ in range(cells)]
    known = random.random(len(names)) < 0.3
    evidence = (random.normal(size=len(names)) + signal * known) / cells
    ids = [f"c{place}" for place in range(len(names))]
    table = pl.DataFrame({"patient": names, "id": ids, "evidence": evidence, "mean_logit": evidence * cells})
    return table, pl.DataFrame({"id": ids, "malignant": known})


def test_it_finds_what_it_was_made_to_find() -> None:
    table, truth = made(signal=50.0)
    found = evidence_auc(table, truth, ["P0", "P1", "P2"], replicates=200)
    assert (found.roc_auc.value, found.of_logits.value, found.within) == (1.0, 1.0, 1.0)
    assert (found.patients, found.cells) == (3, 60)


def test_the_interval_resamples_patients_and_json_has_no_nan() -> None:
    table, truth = made()
    found = evidence_auc(table, truth, [f"P{place}" for place in range(6)], replicates=200)
    assert found.roc_auc.value is not None
    assert found.roc_auc.low is not None
    assert found.roc_auc.high is not None
    assert found.roc_auc.low < found.roc_auc.value < found.roc_auc.high
    assert found.within == pytest.approx(found.roc_auc.value, abs=0.05)
    json.dumps(found.as_json(), allow_nan=False)


def test_a_large_bag_counts_as_much_as_a_small_one() -> None:
    small, large = made(1, 10, 50.0)[0], made(1, 100, 50.0)[0]
    table = pl.concat([small, large.with_columns(patient=pl.lit("big"), id="b" + pl.col("id"))])
    truth = pl.concat([made(1, 10)[1], made(1, 100)[1].with_columns(id="b" + pl.col("id"))])
    assert evidence_auc(table, truth, ["P0", "big"], replicates=0).roc_auc.value == 1.0


def test_without_both_kinds_of_cells_it_says_why() -> None:
    table, truth = made()
    nobody = evidence_auc(table, truth, [], replicates=100)
    assert (nobody.roc_auc.value, nobody.roc_auc.reason) == (None, "no positive patient has any known cell")
    every = evidence_auc(table, truth.with_columns(malignant=True), ["P0"], replicates=100)
    assert every.roc_auc.reason == "no positive patient has any other cell"
    unknown = evidence_auc(table, truth.with_columns(malignant=pl.lit(None, pl.Boolean)), ["P0"], replicates=100)
    assert unknown.cells == 0


def test_cells_without_logits_of_their_own_are_told() -> None:
    table, truth = made()
    found = evidence_auc(table.with_columns(mean_logit=pl.lit(None, pl.Float64)), truth, ["P0"], replicates=0)
    assert found.of_logits.reason == "the cells have no logits of their own"
