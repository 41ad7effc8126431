from __future__ import annotations

import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits import make_splits, repeated
from leukoscope.errors import SettingsError

Made = tuple[Cohort, LinkedGroups]


def test_half_of_the_cells_are_tested_each_time_and_not_the_same_ones(clinic: Made) -> None:
    splits = make_splits("repeated", *clinic, repeats=4, seed=0)
    assert [(split.kind, split.number, split.of, split.seed) for split in splits] == [
        ("repeated", n, 4, 0) for n in range(4)
    ]
    assert all(50 <= split.ids("test").len() <= 70 for split in splits)
    assert len({tuple(split.ids("test")) for split in splits}) == 4


def test_the_largest_group_is_not_always_on_the_same_side(clinic: Made) -> None:
    splits = make_splits("repeated", *clinic, repeats=12, validation=0.3, seed=0)
    parts = {dict(split.table.select("group", "part").iter_rows())["h01+h02+h03"] for split in splits}
    assert len(parts) > 1


def test_a_repeat_does_not_depend_on_how_many_are_made(clinic: Made) -> None:
    few, many = repeated(*clinic, repeats=4, repeat=3, seed=5), repeated(*clinic, repeats=99, repeat=3, seed=5)
    assert few.table.equals(many.table)
    assert not few.table.equals(repeated(*clinic, repeats=4, repeat=3, seed=6).table)


def test_repeats_that_there_are_not(clinic: Made) -> None:
    with pytest.raises(SettingsError) as raised:
        repeated(*clinic, repeats=1, repeat=1, seed=0)
    assert str(raised.value) == "There is no repeat 1: there are 1, only number 0.\n  where: split.repeat"
    with pytest.raises(SettingsError, match="The setting 'repeats' must be 1 or more; got 0"):
        make_splits("repeated", *clinic, repeats=0, seed=0)
