from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.begun import begin_run, saved_cohort, saved_split
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options


def test_a_beginning_is_taken_up_where_the_pictures_are_now(tmp_path: Path) -> None:
    for name, cells in (("here", 2), ("other", 3)):
        draw_cohort(tmp_path / name, patients=2, cells=cells, size=16)
    cohort, folder = read_cohort(tmp_path / "here", "drawn"), RunFolder(tmp_path / "run")
    begin_run(folder, load_recipe("drawn"), cohort, Options(), command="typed", rescored_from={"name": "first"})
    record = folder.read_record()
    assert (record["status"], record["command"], record["test_opened"]) == ("running", "typed", [])
    assert record["rescored_from"] == {"name": "first"}
    assert saved_cohort(folder).root == cohort.root
    assert saved_split(folder) is None
    moved = Path(shutil.copytree(tmp_path / "here", tmp_path / "there"))
    assert saved_cohort(folder, read_cohort(moved, "drawn")).root == moved
    with pytest.raises(SettingsError) as caught:
        saved_cohort(folder, read_cohort(tmp_path / "other", "drawn"))
    assert str(caught.value) == (
        f"These are not the cells that this run was started with.\n  where: {tmp_path / 'other'}"
    )


def test_cells_are_drawn_into_the_run_s_own_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    recipe = load_recipe("drawn", {"drawn.patients": 2, "drawn.cells": 2, "drawn.size": 16})
    drawn = begin_run(folder, recipe, None, Options())
    assert drawn.root == folder.data
    assert saved_cohort(folder).cells.equals(drawn.cells)
