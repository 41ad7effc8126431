from __future__ import annotations

import polars as pl

from leukoscope.cohort.splits import Split, told


def split_of(number: int | None, of: int | None, *warnings: str, leakage: str | None = None) -> Split:
    table = pl.DataFrame({"id": ["a"], "group": ["a"], "part": ["train"]})
    return Split(table, "folds", "patient", 3, leakage, f"{number} | 1", warnings, number, of)


def test_one_split_shows_itself() -> None:
    one = split_of(None, None, "Few cells.")
    assert told([one]) == repr(one)


def test_several_have_a_line_each_and_what_is_common_is_said_once() -> None:
    splits = [
        split_of(n, 8, "Few cells.", *(["No blast."] if n else []), *(["Tiny."] if n == 4 else [])) for n in range(8)
    ]
    assert told(splits).splitlines() == [
        "8 splits (folds, by patient, seed 3)",
        *(f"  {n}: {n} | 1" for n in range(8)),
        "  warning: Few cells.",
        "  warning: No blast. (split 1, 2, 3, 4, 5 and 2 more)",
        "  warning: Tiny. (split 4)",
    ]


def test_a_leak_that_was_allowed_is_said() -> None:
    assert "  LEAKAGE: as published" in told([split_of(n, 2, leakage="as published") for n in range(2)])
