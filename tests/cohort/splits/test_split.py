from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.split import Split, save_splits
from leukoscope.errors import DataError

Made = tuple[Cohort, LinkedGroups]


def split_of(parts: dict[str, str], **said: object) -> Split:
    table = pl.DataFrame({"id": list(parts), "group": [name[:3] for name in parts], "part": list(parts.values())})
    return Split(table, "holdout", "patient", **said)  # type: ignore[arg-type]


@pytest.fixture
def split() -> Split:
    return split_of({"h01_1": "train", "a01_0": "train", "h04_0": "validation", "a04_0": "test"}, seed=3)


def test_rows_are_sorted_by_id(split: Split) -> None:
    assert split.table["id"].to_list() == ["a01_0", "a04_0", "h01_1", "h04_0"]


def test_the_parts_as_cohorts(split: Split, clinic: Made) -> None:
    cohort, _ = clinic
    assert split.ids("train").to_list() == ["a01_0", "h01_1"]
    assert split.part(cohort, "test").cells["id"].to_list() == ["a04_0"]
    assert split.part(cohort, "test").patients["patient"].to_list() == ["a04"]


def test_development_holds_neither_the_test_rows_nor_those_of_no_part(split: Split, clinic: Made) -> None:
    sealed = split.development(clinic[0])
    assert sealed.cells["id"].to_list() == ["h01_1", "h04_0", "a01_0"]
    assert "a04" not in sealed.patients["patient"].to_list()


def test_what_each_part_holds(split: Split, clinic: Made) -> None:
    assert split.counts(clinic[0]) == {
        "train": {"cells": 2, "patients": 2, "groups": 2, "classes": {"hem": 1, "all": 1}},
        "validation": {"cells": 1, "patients": 1, "groups": 1, "classes": {"hem": 1, "all": 0}},
        "test": {"cells": 1, "patients": 1, "groups": 1, "classes": {"hem": 0, "all": 1}},
    }
    assert split.as_json(clinic[0]) == {
        "kind": "holdout",
        "number": None,
        "of": None,
        "by": "patient",
        "seed": 3,
        "leakage": None,
        "seen": None,
        "statement": "",
        "warnings": [],
        "counts": split.counts(clinic[0]),
    }


def test_it_prints_what_is_in_it_and_whether_it_leaks(split: Split) -> None:
    assert repr(split) == "Split (holdout, by patient, seed 3): train 2 cells, validation 1 cell, test 1 cell"
    marked = split_of({"a": "train"}, leakage="as <published>", statement="1 | 1", warnings=("Few cells.",))
    assert repr(marked).splitlines() == [
        "Split (holdout, by patient): train 1 cell",
        "  1 | 1",
        "  LEAKAGE: as <published>",
        "  warning: Few cells.",
    ]
    assert '<li style="color:#b00020">LEAKAGE: as &lt;published&gt;</li>' in marked._repr_html_()


def test_the_file_does_not_depend_on_the_order_of_rows(split: Split, tmp_path: Path) -> None:
    split.save(tmp_path / "one.csv")
    Split(split.table.reverse(), "file", "patient").save(tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_cell_is_in_one_part_only() -> None:
    table = pl.DataFrame({"id": ["a", "b", "a"], "group": ["a", "b", "a"], "part": ["train", "train", "test"]})
    with pytest.raises(DataError) as raised:
        Split(table, "file", "cell")
    assert str(raised.value) == "A cell stands in the split more than once.\n  where: a"


def test_there_are_three_parts() -> None:
    with pytest.raises(DataError) as raised:
        split_of({"a": "trains"})
    assert str(raised.value) == (
        "There is no part 'trains'.\n  what to do: Did you mean 'train'? Known: test, train, validation."
    )


def test_one_of_several_says_which(split: Split) -> None:
    one = replace(split, kind="folds", number=2, of=5)
    assert repr(one).startswith("Split (folds, number 2 of 0 to 4, by patient, seed 3): train 2 cells")


def test_several_splits_are_one_table_with_their_numbers(split: Split, tmp_path: Path) -> None:
    save_splits([split, split], tmp_path / "both.csv")
    lines = (tmp_path / "both.csv").read_text().splitlines()
    assert lines[0] == "split,id,group,part"
    assert [line.partition(",")[2] for line in lines[1:5]] == [line.partition(",")[2] for line in lines[5:]]
    assert [line[0] for line in lines[1:]] == ["0"] * 4 + ["1"] * 4
