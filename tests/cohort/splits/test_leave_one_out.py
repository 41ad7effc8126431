from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import leave_one_out, make_split, make_splits
from leukoscope.errors import DataError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_each_patient_is_left_out_once_with_whoever_is_linked_to_it(clinic: Made) -> None:
    splits = make_splits("leave_one_out", *clinic, validation=0.4, seed=0)
    left_out = [split.table.filter(pl.col("part") == "test")["group"].unique().to_list() for split in splits]
    assert left_out == [["a01+a02"], ["a03"], ["a04"], ["a05"], ["a06"], ["h01+h02+h03"], ["h04"], ["h05"], ["h06"]]
    assert pl.concat([split.ids("test") for split in splits]).sort().equals(clinic[0].cells["id"].sort())
    assert splits[2].warnings == (
        (
            "The test part holds cells of the class 'all' only: its scores mean something only when the predictions of "
            "all 9 splits are pooled."
        ),
    )


def test_a_patient_is_left_out_by_name(clinic: Made) -> None:
    split = make_split("leave_one_out", *clinic, patient="h02", seed=0)
    assert (split.number, split.of) == (5, 9)
    assert set(split.table.filter(pl.col("part") == "test")["group"]) == {"h01+h02+h03"}
    with pytest.raises(SettingsError) as raised:
        leave_one_out(*clinic, patient="h2", seed=0)
    assert raised.value.what == "There is no patient 'h2' to leave out."
    assert str(raised.value.do).startswith("Did you mean 'h02'? Known: a01, a02")
    with pytest.raises(SettingsError, match="There is no fold 9: there are 9, 0 to 8"):
        leave_one_out(*clinic, fold=9, seed=0)


def test_cells_of_no_patient_and_those_for_training_only_are_never_left_out(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}_{c}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(5) for c in "ab"]
    made = make([*rows, ("x", "all", None, None), ("y", "hem", None, None)], training_only=["all4_a"])
    splits = make_splits("leave_one_out", *made, validation=0.4, seed=0)
    assert len(splits) == 9
    tested = pl.concat([split.ids("test") for split in splits])
    assert sorted({row[0] for row in rows} - set(tested)) == ["all4_a", "all4_b"]
    assert splits[0].warnings[:2] == (
        (
            "1 cell of 1 linked group stay in train, never to be measured: they are linked to cells that are for "
            "training only."
        ),
        "2 cells of no known patient are never left out.",
    )


def test_without_patients_none_can_be_left_out(make: Callable[..., Made], clinic: Made) -> None:
    with pytest.raises(DataError) as raised:
        leave_one_out(*make([("a", "all", None, None), ("b", "hem", None, None)]), seed=0)
    assert str(raised.value) == ("No patients are known in this data set, so none can be left out.\n  where: small")
    with pytest.raises(DataError, match="Every patient is for training only"):
        leave_one_out(*make([("a", "all", "1", None), ("b", "hem", None, None)], training_only=["a"]), seed=0)
    with pytest.raises(SettingsError, match="Only patients can be left out one by one"):
        leave_one_out(*clinic, by="cell", seed=0)
