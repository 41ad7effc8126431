from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import folds, make_split, make_splits
from leukoscope.errors import DataError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_every_cell_is_tested_once(clinic: Made) -> None:
    splits = make_splits("folds", *clinic, folds=3, validation=0.4, seed=1)
    tested = pl.concat([split.ids("test") for split in splits])
    assert tested.sort().equals(clinic[0].cells["id"].sort())
    assert [(split.kind, split.number, split.of, split.seed) for split in splits] == [
        ("folds", n, 3, 1) for n in range(3)
    ]
    for split in splits:
        assert split.table.height == 120
        assert split.ids("validation").len() > 0


def test_one_fold_belongs_to_the_division_of_its_seed(clinic: Made) -> None:
    every = make_splits("folds", *clinic, folds=3, seed=1)
    assert folds(*clinic, folds=3, fold=2, seed=1).table.equals(every[2].table)
    assert not folds(*clinic, folds=3, fold=2, seed=2).table.equals(every[2].table)


def test_nested_the_inner_folds_divide_the_rest(clinic: Made) -> None:
    splits = make_splits("folds", *clinic, folds=2, inner=2, seed=0)
    assert [split.number for split in splits] == [0, 1, 2, 3]
    for outer in (splits[:2], splits[2:]):
        assert outer[0].ids("test").equals(outer[1].ids("test"))
        validated = pl.concat([split.ids("validation") for split in outer]).sort()
        assert validated.equals(pl.concat([outer[0].ids("train"), outer[0].ids("validation")]).sort())
    one = make_split("folds", *clinic, folds=2, fold=1, inner=2, inner_fold=0, seed=0)
    assert (one.table.equals(splits[2].table), one.number, one.of) == (True, 2, 4)


def test_a_class_of_fewer_groups_than_folds_is_named_with_what_it_means(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}_{c}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(8) for c in "ab"]
    rows += [(f"x{n}", "rare", f"x{n}", None) for n in range(3)] + [(f"y{n}", "single", "y", None) for n in range(4)]
    made = make(rows, classes=("hem", "all", "rare", "single"))
    splits = make_splits("folds", *made, folds=4, seed=0)
    part = [dict(split.table.select("id", "part").iter_rows()) for split in splits]
    rare = sorted(number for number in range(4) if "test" in {part[number][f"x{n}"] for n in range(3)})
    (single,) = [number for number in range(4) if part[number]["y0"] == "test"]
    assert len(rare) == 3
    for split in splits:
        assert split.warnings[:2] == (
            (
                "The class 'rare', 3 cells in 3 linked groups, has fewer groups than there are folds (4): it is tested "
                f"in folds {rare[0]}, {rare[1]} and {rare[2]} only; it cannot be measured in the others."
            ),
            (
                "The class 'single', 4 cells in 1 linked group, has fewer groups than there are folds (4): it is "
                f"tested in fold {single} only; it cannot be learnt there, nor measured in the others."
            ),
        )


def test_cells_for_training_only_are_in_train_in_every_fold(make: Callable[..., Made]) -> None:
    rows = [(f"{label}{n}_{c}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(6) for c in "ab"]
    made = make(rows, [("hem0_a", "all5_a")], training_only=["hem0_a", "hem0_b", "hem1_a"])
    for number, split in enumerate(make_splits("folds", *made, folds=3, inner=2, seed=0)):
        trained = split.ids("train").to_list()
        assert {"hem0_a", "hem0_b", "hem1_a", "hem1_b", "all5_a", "all5_b"} <= set(trained), number
        assert split.warnings[0].startswith("3 cells of 2 linked groups stay in train")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"folds": 1}, "The setting 'folds' must be 2 or more; got 1.\n  where: split.folds"),
        ({"folds": 3, "fold": 3}, "There is no fold 3: there are 3, 0 to 2.\n  where: split.fold"),
        ({"inner": 1}, "The setting 'inner' must be 2 or more; got 1.\n  where: split.inner"),
        (
            {"folds": 2, "inner": 2, "inner_fold": 2},
            "There is no inner_fold 2: there are 2, 0 to 1.\n  where: split.inner_fold",
        ),
        (
            {"folds": 2, "inner_fold": 1},
            (
                "An inner fold is named, but there are no inner folds.\n  where: split.inner_fold\n"
                "  what to do: Say how many there are: inner=4."
            ),
        ),
    ],
)
def test_folds_that_there_are_not(clinic: Made, given: dict[str, int], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        folds(*clinic, seed=0, **given)  # type: ignore[arg-type]
    assert str(raised.value) == said


def test_more_folds_than_linked_groups_are_refused(clinic: Made) -> None:
    with pytest.raises(DataError) as raised:
        folds(*clinic, folds=10, seed=0)
    assert str(raised.value) == (
        "There are only 9 linked groups for 10 folds: some would stay empty.\n  what to do: Ask for fewer folds."
    )
    with pytest.raises(DataError, match="There are only 6 linked groups for 9 inner folds"):
        folds(*clinic, folds=3, inner=9, seed=0)
