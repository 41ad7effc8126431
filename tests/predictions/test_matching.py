from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.predictions.columns import Columns
from leukoscope.predictions.matching import rows_of, stems
from leukoscope.predictions.sheet import Sheet

NAMES = st.lists(st.text("abc012_", min_size=1, max_size=6), min_size=1, max_size=12, unique=True)


def sheet(rows: int) -> Sheet:
    numbers = pl.int_range(2, rows + 2, eager=True)
    return Sheet(Path("x.csv"), pl.DataFrame({"id": numbers}), numbers, Columns({}, {}))


@given(names=NAMES, ending=st.sampled_from(["", ".bmp", ".webp"]), data=st.data())
def test_whatever_the_order_and_ending_each_name_finds_its_own(
    names: list[str], ending: str, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(names))
    mine = pl.Series([f"some/where/{name}{ending}" for name in names])
    found = rows_of(mine, sheet(len(names)), pl.Series(shuffled), sheet(len(names)))
    assert [shuffled[place] for place in found] == names


def test_an_ending_is_cut_off_once_and_a_leading_dot_is_none() -> None:
    assert stems(pl.Series(["a.tar.gz", ".hidden", "a.b c", "v1.25"])).to_list() == ["a.tar", ".hidden", "a.b c", "v1"]
