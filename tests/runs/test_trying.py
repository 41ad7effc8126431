from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import LeukoscopeError
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.conductor import resume_run, run_recipe
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.trying import try_recipe

TINY = {"drawn": None, "framing": [{"resize": 32}], "model.backbone": "test_resnet", "model.cut": None}
TINY |= {"stages.0.epochs": 1, "split.test": 0.5, "split.validation": 0.4}


def test_a_trial_leaves_its_test_part_sealed_and_ends_as_the_run_it_would_have_been(tmp_path: Path) -> None:
    draw_cohort(tmp_path / "cells", patients=16, cells=4, size=32)
    cohort, recipe = read_cohort(tmp_path / "cells", "drawn"), load_recipe("drawn", TINY)
    own = RunFolder(tmp_path / "tried" / "run")
    for _ in range(2):  # called again it is what it was
        try_recipe(recipe, cohort, own, Options(), command="typed")
        record = own.read_record()
        assert (record["status"], record["test_opened"], record["command"]) == ("trained", [], "typed")
        left = {entry.name for entry in own.path.iterdir()}
        assert not left & {"predictions", "scores.json", "bundle", "report.html"}
        assert {"history.csv", "checkpoints", "split.csv"} <= left
    ended = resume_run(own)
    whole = run_recipe(recipe, cohort, RunFolder(tmp_path / "whole" / "run"), Options())
    for name in ("history.csv", "scores.json", "split.csv", "recipe.yaml"):
        assert (ended.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert len(ended.record["test_opened"]) == 1


def test_a_trial_that_fails_says_so_in_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverges(*_: object, **__: object) -> None:
        raise LeukoscopeError("The training has diverged.")

    monkeypatch.setattr("leukoscope.runs.cell_task.CellTask.learn", diverges)
    draw_cohort(tmp_path / "cells", patients=16, cells=4, size=32)
    own = RunFolder(tmp_path / "run")
    with pytest.raises(LeukoscopeError, match="diverged"):
        try_recipe(load_recipe("drawn", TINY), read_cohort(tmp_path / "cells", "drawn"), own, Options())
    assert (own.read_record()["status"], own.read_record()["error"]) == ("failed", "The training has diverged.")
