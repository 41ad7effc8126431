from __future__ import annotations

import datetime as dt

import polars as pl

from leukoscope.audit.shortcuts.declared import usable


def test_dates_become_days_however_they_are_kept() -> None:
    days = [dt.date(2020, 1, 1), None, dt.date(2020, 1, 3)]
    expected = [18262.0, None, 18264.0]
    for values in (pl.Series(days), pl.Series(["2020-01-01", None, "2020-01-03"])):
        made = usable(values)
        assert made is not None
        assert made.to_list() == expected
    moment = usable(pl.Series([dt.datetime(2020, 1, 1, 23, tzinfo=dt.UTC)]))
    assert moment is not None
    assert moment.to_list() == [18262.0]


def test_words_of_few_kinds_stay_and_names_go() -> None:
    few = usable(pl.Series(["F", "M", None]))
    assert few is not None
    assert few.to_list() == ["F", "M", None]
    assert usable(pl.Series([f"name {number}" for number in range(30)])) is None
    assert usable(pl.Series([[1], [2]])) is None
