from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, linked_groups
from leukoscope.cohort.splits import apply_on_twins
from leukoscope.errors import SettingsError

Made = tuple[Cohort, LinkedGroups]
Links = Callable[..., pl.DataFrame]

ROWS = [(name, "all", f"p{name}", None) for name in "abcdef"]


def test_linking_leaves_everything_as_it_is(make: Callable[..., Made], links_of: Links) -> None:
    cohort, pairs = make(ROWS)[0], links_of([("a", "b"), ("c", "d", 0.98)])
    linked, kept = apply_on_twins(cohort, pairs)
    assert linked is cohort
    assert kept is pairs


def test_reporting_takes_near_pairs_out_of_the_links_and_nothing_else(
    make: Callable[..., Made], links_of: Links
) -> None:
    cohort = make(ROWS)[0]
    told, kept = apply_on_twins(cohort, links_of([("a", "b"), ("c", "d", 0.98)]), "report")
    assert told is cohort
    assert kept.select("id_a", "id_b").rows() == [("a", "b")]


def test_dropping_leaves_out_the_later_picture_of_each_pair(make: Callable[..., Made], links_of: Links) -> None:
    cohort = make(ROWS)[0]
    dropped, kept = apply_on_twins(cohort, links_of([("d", "c", 0.981), ("e", "f", 0.9)]), "drop")
    assert dropped.cells.select("id", "excluded").filter(pl.col("excluded").is_not_null()).rows() == [
        ("d", "shows the same cell as c (correlation 0.98); one picture of it is kept (on_twins: drop)"),
        ("f", "shows the same cell as e (correlation 0.90); one picture of it is kept (on_twins: drop)"),
    ]
    assert linked_groups(dropped, kept).joined == {}


def test_of_a_chain_no_more_are_dropped_than_must_be(make: Callable[..., Made], links_of: Links) -> None:
    # b goes because of a; then c has nothing beside it any more.
    dropped, _ = apply_on_twins(make(ROWS)[0], links_of([("a", "b", 0.98), ("b", "c", 0.97)]), "drop")
    assert dropped.usable["id"].to_list() == ["a", "c", "d", "e", "f"]


def test_pictures_identical_to_a_dropped_one_go_with_it_and_still_link(
    make: Callable[..., Made], links_of: Links
) -> None:
    dropped, kept = apply_on_twins(make(ROWS)[0], links_of([("b", "c"), ("a", "b", 0.98)]), "drop")
    assert dropped.usable["id"].to_list() == ["a", "d", "e", "f"]
    assert linked_groups(dropped, kept).joined == {"pb+pc": ["pb", "pc"]}


def test_a_picture_that_is_excluded_already_drops_no_other(make: Callable[..., Made], links_of: Links) -> None:
    cohort = make(ROWS)[0].exclude(pl.DataFrame({"id": ["a"], "reason": ["blurred"]}))
    dropped, _ = apply_on_twins(cohort, links_of([("a", "b", 0.98), ("b", "c", 0.98)]), "drop")
    assert dropped.usable["id"].to_list() == ["b", "d", "e", "f"]


def test_what_cannot_be_done_about_twins(make: Callable[..., Made], links_of: Links) -> None:
    with pytest.raises(SettingsError) as raised:
        apply_on_twins(make(ROWS)[0], links_of([]), "dropp")
    assert str(raised.value) == (
        "Nothing that can be done about twins is called 'dropp'.\n  where: split.on_twins\n"
        "  what to do: Did you mean 'drop'? Known: drop, link, report."
    )
