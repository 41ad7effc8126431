from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, linked_groups
from leukoscope.cohort.splits import (
    SERIES,
    SPLITTERS,
    WHICH,
    apply_on_twins,
    make_split,
    make_splits,
    settings_of,
)
from leukoscope.errors import LeakageError, SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_every_kind_is_found_by_name(clinic: Made) -> None:
    assert list(SPLITTERS) == ["holdout", "folds", "repeated", "leave_one_out", "official", "file"]
    with pytest.raises(SettingsError) as raised:
        make_split("hold-out", *clinic)
    assert str(raised.value) == (
        "There is no split 'hold-out'.\n  where: split.kind\n"
        "  what to do: Did you mean 'holdout'? Known: file, folds, holdout, leave_one_out, official, repeated."
    )


def test_settings_of_another_kind_are_refused(clinic: Made) -> None:
    with pytest.raises(SettingsError) as raised:
        make_split("holdout", *clinic, seed=0, tests=0.3)
    assert str(raised.value) == (
        "A split of the kind 'holdout' has no setting 'tests'.\n"
        "  what to do: Did you mean 'test'? Known: by, seed, stratify, test, validation."
    )
    with pytest.raises(SettingsError) as raised:
        make_split("file", *clinic)
    assert str(raised.value) == "A split of the kind 'file' needs the setting 'path'.\n  where: split.path"


def test_a_kind_without_several_splits_gives_one(clinic: Made) -> None:
    (only,) = make_splits("holdout", *clinic, seed=3)
    assert only.table.equals(make_split("holdout", *clinic, seed=3).table)
    assert only.statement.endswith("0 shared, 0 linked")


@pytest.mark.parametrize(("kind", "which"), [("folds", "fold"), ("repeated", "repeat"), ("leave_one_out", "fold")])
def test_each_of_several_splits_is_the_one_of_its_number(clinic: Made, kind: str, which: str) -> None:
    made = make_splits(kind, *clinic, seed=3, validation=0.4)
    assert [split.number for split in made] == list(range(made[0].of or 0))
    for number in (0, len(made) - 1):
        one = make_split(kind, *clinic, seed=3, validation=0.4, **{which: number})
        assert one.table.equals(made[number].table)
        assert (one.kind, one.number, one.of, one.warnings) == (kind, number, len(made), made[number].warnings)


def test_a_series_takes_every_setting_but_those_that_name_one() -> None:
    for kind, series in SERIES.items():
        assert set(settings_of(kind)) - set(settings_of(kind, several=True)) == WHICH & set(settings_of(kind))
        assert series is not SPLITTERS[kind]
    assert settings_of("holdout", several=True) == settings_of("holdout")


def test_every_split_of_a_kind_is_not_one_of_them(clinic: Made) -> None:
    with pytest.raises(SettingsError) as raised:
        make_splits("folds", *clinic, seed=0, fold=2)
    assert str(raised.value).startswith("A split of the kind 'folds' has no setting 'fold'.")


def test_a_twin_that_is_only_reported_is_a_leak_where_it_crosses(
    make: Callable[..., Made], links_of: Callable[..., pl.DataFrame]
) -> None:
    rows = [(f"{label}{n}", label, f"{label}{n}", None) for label in ("hem", "all") for n in range(8)]
    cohort, _ = make(rows)
    pairs = links_of([("all0", "all1", 0.98), ("hem0", "hem1", 0.99)])
    proof = linked_groups(cohort, pairs)
    cohort, drawn_by = apply_on_twins(cohort, pairs, "report")
    groups, refused = linked_groups(cohort, drawn_by), 0
    for seed in range(10):
        free = make_split("holdout", cohort, groups, seed=seed)
        part = dict(free.table.select("id", "part").iter_rows())
        crossing = sum(part[f"{label}0"] != part[f"{label}1"] for label in ("hem", "all"))
        refused += bool(crossing)
        if crossing:
            with pytest.raises(LeakageError) as raised:
                make_split("holdout", cohort, groups, proof=proof, seed=seed)
            assert raised.value.where is not None
            assert raised.value.where.count("one cell in two pictures") == crossing
        else:
            proved = make_split("holdout", cohort, groups, proof=proof, seed=seed)
            assert proved.table.drop("group").equals(free.table.drop("group"))
            # Twins in one part are no two independent witnesses: scores are resampled by the groups of the proof.
            group = dict(proved.table.select("id", "group").iter_rows())
            assert group["all0"] == group["all1"] == "all0+all1"
            assert dict(free.table.select("id", "group").iter_rows())["all0"] == "all0"
    assert 0 < refused < 10
