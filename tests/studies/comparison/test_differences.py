from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.recipes.schema import Recipe
from leukoscope.runs.folder import RunFolder
from leukoscope.studies.comparison.cautions import cautions_of
from leukoscope.studies.comparison.differences import KINDS, OF_THE_RUN, differences_table, kind_of
from leukoscope.studies.comparison.sides import sides_of

Make = Callable[..., Path]


@pytest.mark.parametrize("name", sorted(set(Recipe.model_fields) - OF_THE_RUN))
def test_every_setting_of_a_recipe_is_of_a_known_kind(name: str) -> None:
    assert kind_of(name) in KINDS


def test_whatever_differs_is_told_and_nothing_else(make_run: Make, tmp_path: Path) -> None:
    changes = {"test_time.rotations": 8, "model.dropout": 0.5}
    named = [make_run(tmp_path / "x"), make_run(tmp_path / "kind", changes=changes, data="other", leakage="to see.")]
    sides = sides_of(named, "test")
    table = differences_table(sides)
    assert table.columns == ["kind", "setting", "x", "side kind"]
    assert table.rows() == [
        ("cells", "data.name", "drawn", "other"),
        ("split", "leakage", "none", "to see."),
        ("network and training", "model.dropout", "0.0", "0.5"),
        ("choosing and scoring", "test_time.rotations", "1", "8"),
    ]
    said = cautions_of(sides, table, "test")
    assert said[-1] == (
        "x and kind: not only the networks differ but also how they were scored "
        "(data.name, leakage, test_time.rotations)."
    )


def test_what_is_empty_is_told_as_none(make_run: Make, tmp_path: Path) -> None:
    named = [make_run(tmp_path / "x", changes={"augmentation": []}), make_run(tmp_path / "y")]
    (row,) = differences_table(sides_of(named, "test")).rows()
    assert row[:3] == ("network and training", "augmentation", "none")
    assert row[3].startswith("flip=")


def test_weights_that_are_scored_again_differ_in_what_was_changed_alone(make_run: Make, tmp_path: Path) -> None:
    sides = [make_run(tmp_path / "all", changes={"test_time.rotations": 8}), make_run(tmp_path / "norot")]
    RunFolder(sides[1]).update(rescored_from={"name": "all", "folder": str(sides[0])})
    read = sides_of(sides, "test")
    table = differences_table(read)
    assert table.rows() == [("choosing and scoring", "test_time.rotations", "8", "1")]
    assert not any("differ" in caution for caution in cautions_of(read, table, "test"))


def test_a_side_called_like_a_column_is_no_column(make_run: Make, tmp_path: Path) -> None:
    sides = sides_of([make_run(tmp_path / "setting"), make_run(tmp_path / "kind")], "test")
    said = cautions_of(sides, differences_table(sides), "test")
    assert said[-1] == "setting and kind: no setting differs but seed and software; what is compared is chance."


def test_sides_without_a_difference_are_told_so(make_run: Make, tmp_path: Path) -> None:
    sides = sides_of([make_run(tmp_path / "x", seed=1), make_run(tmp_path / "y", seed=2)], "test")
    table = differences_table(sides)
    assert table.rows() == [("seeds", "seed", "1", "2")]
    assert cautions_of(sides, table, "test") == [
        "x and y: no setting differs but seed and software; what is compared is chance."
    ]


def test_other_cells_are_told(make_run: Make, tmp_path: Path) -> None:
    sides = sides_of([make_run(tmp_path / "x"), make_run(tmp_path / "y", rows=1)], "test")
    table = differences_table(sides)
    assert table["setting"].to_list() == ["data.cells", "scored.part"]
    first = cautions_of(sides, table, "test")[0]
    assert first == (
        "x and y: of 1 pair of runs 1 were scored on other rows; over all runs they were scored on 69 and 65 rows, 0 "
        "of them the same. Paired tests are refused, and a difference between the runs may be one between the rows."
    )
