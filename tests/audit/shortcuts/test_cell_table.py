from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from leukoscope.audit.shortcuts.cells import cell_statistics, cell_table

LayOut = Callable[..., Any]


def made(lay_out: LayOut, rows: list[dict[str, Any]], most: int | None = None) -> pl.DataFrame:
    evidence = lay_out(rows).evidence()
    return cell_table(evidence.labelled, evidence.cohort, most=most)


def test_every_statistic_has_its_columns(lay_out: LayOut) -> None:
    rows = [
        {"id": f"c{n}", "patient": f"p{n % 2}", "site": "north", "kind": "x", "brightness": 90.0 + n} for n in range(5)
    ]
    table = made(lay_out, rows)
    statistics = cell_statistics(table)
    assert {column for one in statistics for column in one.columns} <= set(table.columns)
    assert [one.name for one in statistics][-1] == "site"
    first = table.row(0, named=True)
    assert (first["pictures"], first["cell_size"], first["light_share"]) == (3.0, 22_500.0, None)
    # c0, c2 and c4 are one patient's: 90, 92 and 94.
    assert (first["brightness"], first["brighter"]) == (90.0, -2.0)


def test_on_a_light_background_the_share_of_it_counts(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}", "black_background": n == 0, "background_share": 0.7} for n in range(3)]
    table = made(lay_out, rows)
    assert table["cell_size"].to_list() == [None] * 3
    assert table["light_share"].to_list() == [0.7] * 3
    assert table["brighter"].to_list() == [None] * 3


def test_a_file_is_held_against_what_it_shows(lay_out: LayOut) -> None:
    drawn = np.random.default_rng(0)
    sizes = drawn.integers(5_000, 30_000, 200)
    rows = [
        {"id": f"c{n:03d}", "not_black": int(size), "bytes": int(size * (1.3 if n % 2 else 1.0))}
        for n, size in enumerate(sizes)
    ]
    surplus = made(lay_out, rows)["surplus"].to_numpy()
    assert surplus[1::2].min() > 0 > surplus[::2].max()
    assert np.isclose(surplus[1::2].mean() - surplus[::2].mean(), np.log(1.3), atol=0.02)


def test_of_very_many_cells_some_are_drawn(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n:03d}"} for n in range(50)]
    table = made(lay_out, rows, most=20)
    assert table.height == 20
    assert table["id"].is_sorted()
    assert made(lay_out, rows[::-1], most=20)["id"].to_list() == table["id"].to_list()
