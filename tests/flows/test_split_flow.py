from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

from leukoscope import api
from leukoscope.cli.main import main
from leukoscope.cohort.cohort import Cohort


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    api.draw(folder, seed=1, patients=10, cells=4, size=16)
    return folder


@pytest.fixture(scope="module")
def cohort(drawn: Path) -> Cohort:
    return api.read_cohort(drawn, "drawn")


def split(drawn: Path, out: Path, *arguments: str) -> int:
    """Call the verb and return its exit code."""
    given = ["leukoscope", "split", str(drawn), "--reader", "drawn", "--out", str(out), *arguments]
    with mock.patch.object(sys, "argv", given), pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_every_fold_is_written_and_any_can_be_taken_from_the_file(
    drawn: Path, cohort: Cohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert split(drawn, tmp_path / "folds.csv", "--kind", "folds", "--set", "folds=3", "--set", "stratify=sex") == 0
    assert capsys.readouterr().out.splitlines()[0] == "3 splits (folds, by patient, seed 0)"
    table = pl.read_csv(tmp_path / "folds.csv", infer_schema=False)
    assert table.columns == ["split", "id", "group", "part"]
    assert table.filter(pl.col("part") == "test")["id"].sort().to_list() == sorted(cohort.cells["id"])
    one = ("--kind", "file", "--set", f"file={tmp_path / 'folds.csv'}", "--set", "fold=2")
    assert split(drawn, tmp_path / "two.csv", *one) == 0
    second = pl.read_csv(tmp_path / "two.csv", infer_schema=False)
    assert second.equals(table.filter(pl.col("split") == "2").drop("split"))


def test_a_setting_that_names_one_gives_that_one(drawn: Path, cohort: Cohort, tmp_path: Path) -> None:
    assert split(drawn, tmp_path / "one.csv", "--kind", "leave_one_out", "--set", "patient=P03") == 0
    table = pl.read_csv(tmp_path / "one.csv")
    assert table.columns == ["id", "group", "part"]
    assert set(table.filter(pl.col("part") == "test")["group"]) == {"P03"}
    assert len(api.splits(cohort, "leave_one_out")) == 10
    assert len(api.splits(cohort, "leave_one_out", fold=4)) == 1
    assert len(api.splits(cohort, "holdout")) == 1


def test_a_wrong_setting_is_an_error(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert split(drawn, tmp_path / "x.csv", "--kind", "folds", "--set", "stratify=sexe") == 2
    assert "The data set has no fact 'sexe' to stratify by." in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "folds=3"], "A split of the kind 'holdout' has no setting 'folds'."),
        (["--kind", "folds", "--set", "repeat=1"], "A split of the kind 'folds' has no setting 'repeat'."),
        (["--kind", "folds", "--set", "patient=P01"], "A split of the kind 'folds' has no setting 'patient'."),
        (["--kind", "folds", "--set", "inner_fold=0"], "An inner fold is named, but there are no inner folds."),
        (["--set", "kind=folds"], "The kind of a split is no setting of it."),
    ],
)
def test_a_setting_that_means_nothing_here_is_an_error(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert split(drawn, tmp_path / "x.csv", *arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def test_a_wrong_ending_is_told_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert split(tmp_path / "nowhere", tmp_path / "x.txt") == 2
    said = capsys.readouterr().err
    assert "A table must end in .csv or .parquet." in said
    assert "Name another --out." in said
