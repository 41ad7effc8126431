"""What is read of a run is what its own scores say, however it is counted again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.evaluation import point_scores
from leukoscope.runs.run import Run
from leukoscope.studies.comparison.scored_run import ScoredRun

Make = Callable[..., Path]


def scored(folder: Path) -> ScoredRun:
    return ScoredRun(folder.name, Run(folder), "test")


@pytest.mark.parametrize("unit", ["cell", "patient"])
def test_calls_and_patients_give_the_run_s_own_scores_again(make_run: Make, tmp_path: Path, unit: str) -> None:
    run = scored(make_run(tmp_path / "run", edge=1.0, unit=unit))
    again = point_scores(run.predictions)
    for score in ("weighted_f1", "roc_auc", "accuracy", "sensitivity"):
        assert again[score] == pytest.approx(run.value(score), abs=1e-12)
    if unit == "cell":
        of_patients = point_scores(run.patients)
        for score in ("weighted_f1", "roc_auc", "accuracy"):
            assert of_patients[score] == pytest.approx(run.value(f"patient_{score}"), abs=1e-12)
    else:
        assert run.value("patient_roc_auc") is None


def test_linked_patients_count_as_one(make_run: Make, tmp_path: Path) -> None:
    apart, linked = (scored(make_run(tmp_path / f"{link}", linked=link)) for link in (False, True))
    assert apart.independent.table.height == apart.patients.table.height == linked.patients.table.height == 12
    assert linked.independent.table.height == len(linked.group_names) == 11
    # Those who are linked to nobody are what they were.
    both = apart.independent.table.join(linked.independent.table, on=["id", "label", "p_all", "called"])
    assert both.height == 10


def test_the_fingerprint_is_of_rows_and_labels_and_nothing_else(make_run: Make, tmp_path: Path) -> None:
    one = scored(make_run(tmp_path / "one", seed=1, edge=3.0))
    same = scored(make_run(tmp_path / "same", seed=2, edge=0.5))
    other = scored(make_run(tmp_path / "other", seed=1, rows=1))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    place = tmp_path / "same" / "predictions" / "test.parquet"
    table = pl.read_parquet(place)
    first = pl.int_range(pl.len()) == 0
    table.with_columns(pl.when(first).then(pl.lit("all")).otherwise("label").alias("label")).write_parquet(place)
    assert scored(tmp_path / "same").fingerprint != one.fingerprint


def test_without_patients_there_are_none(make_run: Make, tmp_path: Path) -> None:
    run = scored(make_run(tmp_path / "run", known=False))
    assert (run.patient_names, run.group_names) == (frozenset(), frozenset())
    with pytest.raises(DataError, match="The patients of these cells are not known"):
        _ = run.independent
