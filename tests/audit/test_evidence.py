from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leukoscope.pictures.facts import SCHEMA

LayOut = Callable[..., Any]


def test_cells_and_pictures_stand_in_one_table(lay_out: LayOut) -> None:
    bench = lay_out([{"id": "b", "patient": "1"}, {"id": "a"}])
    cells = bench.evidence().cells
    assert cells.select("id", "unit", "part", "width").rows() == [("a", "cell:a", None, 450), ("b", "1", None, 450)]
    assert {name: cells.schema[name] for name in SCHEMA} == SCHEMA


def test_pairs_are_turned_so_that_units_are_sorted(lay_out: LayOut) -> None:
    rows = [
        {"id": "a", "patient": "9", "picture": "p", "place": "fold_0"},
        {"id": "b", "patient": "1", "picture": "p", "place": "fold_2"},
        {"id": "c", "patient": "1", "picture": "q", "pixels": "p", "label": "hem"},
    ]
    pairs = lay_out(rows).evidence().pairs
    assert pairs.select("id_a", "id_b", "kind", "unit_a", "unit_b", "place_a", "label_a").rows() == [
        ("b", "a", "exact bytes", "1", "9", "fold_2", "all"),
        ("c", "a", "exact pixels", "1", "9", None, "hem"),
    ]


def test_what_is_readable_and_what_has_a_class(lay_out: LayOut) -> None:
    rows = [
        {"id": "a"},
        {"id": "b", "problem": "cut off", "width": None, "excluded": "unreadable"},
        {"id": "c", "label": None},
    ]
    evidence = lay_out(rows).evidence()
    assert evidence.readable["id"].to_list() == ["a", "c"]
    assert evidence.labelled["id"].to_list() == ["a"]


def test_a_cohort_may_have_columns_of_the_same_names(lay_out: LayOut) -> None:
    bench = lay_out([{"id": "a"}])
    cells = bench.cohort.cells.with_columns(width=3, unit=4, part=5)
    cohort = type(bench.cohort).from_cells("x", bench.cohort.root, cells, bench.cohort.classes)
    assert type(bench)(cohort, bench.pictures).evidence().cells["width"].to_list() == [450]
