from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.files import write_json, write_table
from leukoscope.runs.bagging_of import bagging_of
from leukoscope.runs.folder import FORMAT, RunFolder
from leukoscope.runs.run import Run


def a_run(path: Path, rows: list[dict[str, Any]]) -> Run:
    """Write a folder that holds no more than a run's record, and what a bagged model sees."""
    write_json(RunFolder(path).record, {"format": FORMAT, "status": "finished"})
    if rows:
        write_table(RunFolder(path).bagging, pl.DataFrame(rows))
    return Run(path)


def rows(part: int) -> list[dict[str, Any]]:
    divided = [{"class": "all", "part": one, "groups": 2, "cells": 6, "whole": 6 * (one == part),
                "copies": 6 * (one != part)} for one in (0, 1)]  # fmt: skip
    return [{"class": "hem", "part": None, "groups": None, "cells": 4, "whole": 4, "copies": 8}, *divided]


def test_the_members_tables_become_one_in_their_order(tmp_path: Path) -> None:
    runs = [a_run(tmp_path / "a", rows(0)), a_run(tmp_path / "plain", []), a_run(tmp_path / "b", rows(1))]
    found = bagging_of(["007", "plain", "b"], runs)
    assert found is not None
    assert found.columns == ["model", "class", "part", "groups", "cells", "whole", "copies"]
    assert found["model"].to_list() == ["007"] * 3 + ["b"] * 3
    assert found["part"].to_list() == [None, "0", "1"] * 2
    assert found["whole"].to_list() == ["4", "6", "0", "4", "0", "6"]


def test_models_that_were_not_bagged_have_no_table(tmp_path: Path) -> None:
    assert bagging_of(["plain"], [a_run(tmp_path, [])]) is None


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    run = a_run(tmp_path, rows(0))
    place = RunFolder(tmp_path).bagging
    place.write_bytes(b"")
    with pytest.raises(DataError) as caught:
        bagging_of(["a"], [run])
    assert str(caught.value) == f"This table cannot be read: empty CSV.\n  where: {place}"
