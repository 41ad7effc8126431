from __future__ import annotations

import polars as pl
import pytest

from leukoscope.cohort.splits.ties import tie, unit_pairs

COLUMNS = ("id_a", "id_b", "kind", "correlation", "pictures", "unit_a", "unit_b")


def links_of(*rows: tuple[str | None, str | None, str, float | None, int, str, str]) -> pl.DataFrame:
    schema = dict.fromkeys(COLUMNS, pl.String) | {"correlation": pl.Float64, "pictures": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_units_are_tied_by_how_many_pictures_whichever_stands_first() -> None:
    links = links_of(
        ("a", "x", "exact bytes", None, 1, "1", "2"),
        ("b", "y", "exact pixels", None, 1, "2", "1"),
        ("c", "z", "exact bytes", None, 1, "1", "3"),
        ("d", "e", "exact bytes", None, 1, "1", "1"),
    )
    assert unit_pairs(links).rows() == [
        ("1", "2", 2, ["a = x", "y = b"], [], 0, 0, False),
        ("1", "3", 1, ["c = z"], [], 0, 0, False),
    ]


def test_what_is_at_hand_and_what_was_known_are_told_apart() -> None:
    links = links_of(
        ("a", "x", "exact bytes", None, 1, "20", "21"),
        (None, None, "exact bytes", None, 71, "21", "20"),
        ("b", "y", "near", 0.984, 1, "17", "20"),
        (None, None, "near", None, 1, "17", "20"),
        (None, None, "declared", None, 0, "P118", "P137"),
    )
    found = {(row["unit_a"], row["unit_b"]): row for row in unit_pairs(links).iter_rows(named=True)}
    assert {units: row["count"] for units, row in found.items()} == {
        ("17", "20"): 1,
        ("20", "21"): 71,
        ("P118", "P137"): 1,
    }
    assert tie(found["20", "21"], 3) == [("71 identical pictures, 1 of them here", "a = x")]
    assert tie(found["17", "20"], 3) == [("one cell in two pictures", "b = y, correlation 0.98")]
    assert tie(found["P118", "P137"], 3) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"near": ["a = b, correlation 0.9"] * 3, "stated_near": 0}, "3 cells in two pictures each"),
        ({"stated": 5}, "5 identical pictures of the whole data set"),
        ({"pictures": ["a = b"], "stated": 1}, "1 identical picture"),
    ],
)
def test_how_much_ties_two_units(row: dict[str, object], said: str) -> None:
    nothing = {"pictures": [], "near": [], "stated": 0, "stated_near": 0, "declared": False}
    ((amount, _),) = tie(nothing | row, 2)
    assert amount == said
