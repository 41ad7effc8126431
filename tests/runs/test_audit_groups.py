from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.audit import Finding
from leukoscope.runs.audit_groups import MOST, ShownGroup, fair_shares, groups_of, with_thumbnails

PAIR = {"id_a": "a", "id_b": "b", "kind": "near", "correlation": 0.99, "degrees": 90.0, "flipped": False}


def finding(pictures: tuple[tuple[str, ...], ...], **tables: pl.DataFrame) -> Finding:
    return Finding("code", "error", "A sentence.", len(pictures), tables, pictures=pictures)


def test_a_pair_s_facts_are_those_of_its_row_whichever_comes_first() -> None:
    pairs = pl.DataFrame([PAIR])
    one, two, three = groups_of([("code", finding((("a", "b"), ("b", "a", "c"), ("c",)), pairs=pairs))])
    assert (one.facts["correlation"], one.is_turned, one.tiles) == (0.99, True, 3)
    assert (two.facts, two.is_turned, two.tiles) == ({}, False, 3)
    assert (three.finding, three.number, three.ids) == ("code", 2, ("c",))
    (turned,) = groups_of([("code", finding((("b", "a"),), pairs=pairs))])
    assert turned.facts["degrees"] == -90.0
    (mirrored,) = groups_of([("code", finding((("b", "a"),), pairs=pairs.with_columns(flipped=True)))])
    assert mirrored.facts["degrees"] == 90.0


def test_what_is_hardly_turned_is_shown_as_it_is() -> None:
    degrees = {0.0: False, 359.0: False, 1.9: False, 2.0: True, 181.0: True, -90.0: True}
    assert {turn: ShownGroup("f", 0, ("a", "b"), {"degrees": turn}).is_turned for turn in degrees} == degrees
    assert ShownGroup("f", 0, ("a", "b"), {"degrees": 0.0, "flipped": True}).is_turned
    assert not ShownGroup("f", 0, ("a",), {"degrees": 90.0}).is_turned


def test_facts_of_single_pictures_are_found_in_any_table() -> None:
    tables = {"by_class": pl.DataFrame({"label": ["x"]}), "cells": pl.DataFrame({"id": ["a"], "beyond": [7]})}
    (group,) = groups_of([("code", finding((("a",),), **tables))])
    assert group.facts["beyond"] == 7


def test_what_an_earlier_finding_shows_is_not_shown_again() -> None:
    first, second = finding((("a", "b"), ("c", "d"))), finding((("b", "a"), ("e", "f")))
    groups = groups_of([("first", first), ("second", second)])
    assert [group.shown_under for group in groups] == [None, None, "first", None]
    assert [group.ids for group in with_thumbnails(groups)] == [("a", "b"), ("c", "d"), ("e", "f")]


def test_a_group_that_does_not_fit_is_left_out_whole() -> None:
    groups = [ShownGroup("f", number, ("a", "b", "c"), {}) for number in range(4)]
    assert [group.number for group in with_thumbnails(groups, most=8)] == [0, 1]


@given(st.lists(st.integers(0, 500), max_size=12))
def test_shares_are_fair(wanted: list[int]) -> None:
    shares = fair_shares(wanted, MOST)
    assert sum(shares) == sum(wanted) if sum(wanted) <= MOST else MOST - len(wanted) < sum(shares) <= MOST
    assert all(share <= want for share, want in zip(shares, wanted, strict=True))
    # Nobody who got less than wanted has less than another, but for rounding.
    short = [share for share, want in zip(shares, wanted, strict=True) if share < want]
    assert not short or max(shares) - min(short) <= 1
