from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.errors import DataError
from leukoscope.reports.tables import read_tables


def test_a_whole_folder(example: Callable[..., Path]) -> None:
    tables = read_tables(example())
    assert tables.name == "cnmc"
    assert tables.main_part == "test"
    assert tables.leakage is None
    assert tables.settings["best_epoch"] == {"metric": "weighted_f1"}
    assert set(tables.sheets) == {"augmentation", "wrong"}
    assert tables.history is not None
    assert tables.history.height == 6


def test_what_several_models_were_shown_is_none_of_one_model(example: Callable[..., Path]) -> None:
    (example() / "bagging.csv").write_text("class,part,groups,cells,whole,copies\nhem,,,4,4,8\n")
    own = read_tables(example()).bagging
    assert own is not None
    assert own["copies"].to_list() == [8]
    (example() / "bagging.csv").write_text("model,class,part,groups,cells,whole,copies\nA,hem,,,4,4,8\n")
    assert read_tables(example()).bagging is None


def test_scores_alone_leave_the_rest_empty(evaluation: Path) -> None:
    tables = read_tables(evaluation)
    assert (tables.run, tables.audit, tables.recipe, tables.history, tables.network, tables.wrong) == ({}, *[None] * 5)
    assert (tables.name, tables.main_part, tables.settings, tables.sheets) == ("evaluation", "all", {}, {})


def test_either_table_may_carry_the_mark(example: Callable[..., Path]) -> None:
    folder = example(leakage="the paper splits by cell")
    assert read_tables(folder).leakage == "the paper splits by cell"
    (folder / "run.json").unlink()
    assert read_tables(folder).leakage == "the paper splits by cell"


def test_a_part_of_the_scores_may_carry_the_mark_alone(evaluation: Path) -> None:
    scores = json.loads((evaluation / "scores.json").read_text())
    scores["parts"]["all"]["leakage"] = "split by cell"
    (evaluation / "scores.json").write_text(json.dumps(scores))
    assert read_tables(evaluation).leakage == "split by cell"


def test_a_folder_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path)
    where = f"\n  where: {tmp_path / 'scores.json'}"
    assert str(caught.value) == f"This folder has no scores to report.{where}\n  what to do: Check the folder."
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path)
    way = f"\n  what to do: leukoscope train --resume --out {tmp_path}"
    assert str(caught.value) == f"This folder has no scores to report.{where}{way}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"format": 2}', "These scores are not of format 1."),
        ('{"format": 1, "parts": {}}', "These scores have no part."),
    ],
)
def test_scores_of_another_shape_are_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "scores.json").write_text(text)
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path)
    assert str(caught.value) == f"{what}\n  where: {tmp_path / 'scores.json'}"
