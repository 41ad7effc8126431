from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.pictures.intake import Intake
from leukoscope.runs.looking import Looked
from leukoscope.runs.preparation import link
from leukoscope.twins import Twins
from leukoscope.twins.twins import PAIR_SCHEMA

LABELS = {"a": "hem", "b": "all", "c": "all", "d": "all", "e": "hem"}
HASHES = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "4"}


def looked(*near: tuple[str, str]) -> Looked:
    """Five cells of five patients, d and e identical; the near pairs are those given."""
    names = list(LABELS)
    cells = pl.DataFrame({"id": names, "path": names, "label": list(LABELS.values()), "patient": names})
    cohort = Cohort.from_cells("small", Path(), cells, Classes(("hem", "all")))
    pictures = pl.DataFrame({"id": names, "sha256": list(HASHES.values()), "pixels_sha256": list(HASHES.values())})
    rows = [{"id_a": one, "id_b": other, "kind": "near", "correlation": 0.9} for one, other in near]
    pairs = pl.DataFrame(rows, schema=PAIR_SCHEMA)
    return Looked(Intake(cohort, pictures), Twins(pairs, pairs.clear(), compared=4, skipped=0, looked_at=2))


def groups_of(table: pl.DataFrame) -> dict[str, str]:
    return dict(table.select("id", "group").iter_rows())


def test_one_cell_or_picture_under_two_classes_is_left_out_but_still_links() -> None:
    linked = link(looked(("a", "b")))
    excluded = dict(linked.intake.cohort.cells.drop_nulls("excluded").select("id", "excluded").iter_rows())
    assert excluded == {
        "a": "the same cell is filed under several classes: all, hem",
        "b": "the same cell is filed under several classes: all, hem",
        "d": "the same picture is filed under several classes: all, hem",
        "e": "the same picture is filed under several classes: all, hem",
    }
    assert groups_of(linked.groups.table) == {"a": "a+b", "b": "a+b", "c": "c", "d": "d+e", "e": "d+e"}
    assert linked.proof is linked.groups


def test_twins_that_are_only_reported_do_not_link_but_prove() -> None:
    linked = link(looked(("b", "c")), "report")
    assert groups_of(linked.groups.table)["b"] == "b"
    assert groups_of(linked.proof.table)["b"] == "b+c"
    assert groups_of(linked.groups.table)["d"] == "d+e"


def test_twins_that_are_dropped_leave_the_first() -> None:
    linked = link(looked(("b", "c")), "drop")
    assert linked.intake.cohort.usable["id"].to_list() == ["a", "b"]
    assert groups_of(linked.proof.table)["b"] == "b"


def test_hashes_alone_know_no_twins() -> None:
    alone = Looked(looked().intake)
    assert alone.pairs.select("id_a", "id_b").rows() == [("d", "e")]
    assert link(alone).groups.joined == {"d+e": ["d", "e"]}
