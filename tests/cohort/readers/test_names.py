from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.readers.names import names_of, path_texts, without_formulas
from leukoscope.errors import DataError


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.png", "b.c.png"], ["a", "b.c"]),
        (["a.jpg", "a.png", "b.png"], ["a.jpg", "a.png", "b"]),
        (["a.jpg", "a.png", "a.png.jpg", "b.png"], ["a.jpg", "a.png", "a.png.jpg", "b.png"]),
        (["v1.2/a", "v1.2\\a"], ["v1.2/a", "v1.2\\a"]),
        (["=a.png", "-1.png", "a/+1.png"], ["./=a", "./-1", "a/+1"]),
        (["a.png", None, None], ["a", None, None]),
    ],
)
def test_names_are_paths_without_what_none_needs(paths: list[str | None], names: list[str | None]) -> None:
    assert names_of(pl.Series("path", paths)).to_list() == names


def test_no_path_begins_as_a_formula() -> None:
    paths = ["=HYPERLINK(1).png", "+1.png", "-1.png", "@a.png", "\ta.png", "\ra.png", "a.png", "/a.png", None]
    found = without_formulas(pl.Series("path", paths)).to_list()
    assert found == [*(f"./{path}" for path in paths[:6]), "a.png", "/a.png", None]


def test_a_path_that_is_no_utf8_is_left_out_and_none_is_refused() -> None:
    with pytest.raises(DataError, match=r"^The list of pictures is empty\."):
        path_texts([])
    strange = Path(os.fsdecode(b"c/\xff.png"))
    names, notes = path_texts([Path("c/1.png"), strange])
    assert (names.to_list(), notes) == (["c/1.png"], ("Left out, their names not being UTF-8: 1 file.",))
    with pytest.raises(DataError) as caught:
        path_texts([strange, strange])
    assert str(caught.value) == (
        "No table can hold the picture's name: it is not UTF-8.\n"
        f"  where: {strange} (and 1 more)\n  what to do: Rename the file."
    )
