from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.audit.shortcuts.folds import FOLDS, fold_of


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ab")), min_size=1, max_size=60))
def test_a_group_is_in_one_fold_and_order_does_not_matter(rows: list[tuple[int, str]]) -> None:
    table = pl.DataFrame([(f"g{group}", label) for group, label in rows], schema=["group", "label"], orient="row")
    found = table.with_columns(fold=pl.Series(fold_of(table)))
    assert found.group_by("group").agg(pl.col("fold").n_unique())["fold"].to_list() == [1] * table["group"].n_unique()
    assert set(found["fold"]) <= set(range(FOLDS))
    turned = table.reverse()
    assert fold_of(turned)[::-1].tolist() == fold_of(table).tolist()


def test_each_class_is_spread_evenly() -> None:
    groups = [(f"{label}{number}", label) for label, of in (("a", 20), ("b", 10)) for number in range(of)]
    table = pl.DataFrame(groups, schema=["group", "label"], orient="row")
    counts = table.with_columns(fold=pl.Series(fold_of(table))).group_by("label", "fold").len("n")
    assert dict(counts.group_by("label").agg(pl.col("n").unique()).iter_rows()) == {"a": [4], "b": [2]}
