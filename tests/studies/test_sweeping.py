from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.files import locked, read_json, remove
from leukoscope.pictures import reading
from leukoscope.recipes.loading import load_recipe
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.conductor import run_recipe
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.studies import Plan, Study, plan, sweep

SAME = (
    "study.csv", "summary.csv", "classes.csv", "curves.csv", "patients.csv", "peeking.csv", "peeking_summary.csv",
)  # fmt: skip
SOURCES = Path(__file__).parent


def test_a_study_leaves_its_tables_its_page_and_no_pixels(study: Study, tiny: Plan) -> None:
    names = {entry.name for entry in study.folder.iterdir()} - {".lock"}
    assert names == {
        "study.json", "study.csv", "summary.csv", "classes.csv", "timings.csv", "peeking.csv", "peeking_summary.csv",
        "study.html", "figures", "runs", "peeking", "data", "curves.csv", "patients.csv",
    }  # fmt: skip
    assert [run.folder.name for run in study.runs] == [run.name for run in tiny.runs]
    assert study.failed == []
    assert repr(study).startswith(f"Study {study.folder}: drawn, 4 runs, 4 finished\n  rates=0.001: balanced accuracy")


def test_runs_of_one_seed_are_scored_on_the_same_patients_and_seeds_on_others(study: Study, tiny: Plan) -> None:
    splits = {run.name: (study.place.run(run.name) / "split.csv").read_bytes() for run in tiny.runs}
    assert splits["rates=0.001-seed0"] == splits["rates=0.01-seed0"] != splits["rates=0.001-seed1"]


def test_a_run_of_a_study_is_the_run_alone(study: Study, tiny: Plan, tmp_path: Path) -> None:
    last = study.place.run(tiny.runs[-1].name)
    alone = run_recipe(load_recipe(last / "recipe.yaml"), None, RunFolder(tmp_path / last.name), Options())
    for name in ("history.csv", "scores.json", "split.csv", "recipe.yaml"):
        assert (alone.folder / name).read_bytes() == (last / name).read_bytes()


def test_what_is_finished_is_not_done_again(
    copied: Path, tiny: Plan, monkeypatch: pytest.MonkeyPatch, study: Study
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(reading, "decode", refuse, raising=False)
    monkeypatch.setattr("leukoscope.studies.running.run_recipe", refuse)
    monkeypatch.setattr("leukoscope.studies.running.go_on", refuse)
    again = sweep(tiny, None, copied, peek=True)
    assert again.failed == []
    for name in SAME:
        assert (copied / name).read_bytes() == (study.folder / name).read_bytes()


def test_a_failing_run_is_reported_and_done_anew_and_the_others_go_on(
    copied: Path, tiny: Plan, study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [run.name for run in tiny.runs]
    for name in names[:2]:
        remove(StudyFolder(copied).run(name))

    def fails(*arguments: object, **settings: object) -> object:
        _, _, folder, *_ = arguments
        if folder.path.name == names[0]:  # type: ignore[attr-defined]
            raise ZeroDivisionError("of all things")
        return run_recipe(*arguments, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr("leukoscope.studies.running.run_recipe", fails)
    broken = sweep(tiny, None, copied, show=True)
    assert broken.failed == [names[0]]
    assert broken.table["status"].to_list() == ["failed", "finished", "finished", "finished"]
    assert f"failed: {names[0]}: of all things" in repr(broken)
    assert "failed after" in capsys.readouterr().err
    assert "ZeroDivisionError" in (broken.place.run(names[0]) / "traceback.txt").read_text(encoding="utf-8")
    assert f"<code>{names[0]}</code>: of all things" in broken.page.read_text(encoding="utf-8")
    monkeypatch.undo()
    assert sweep(tiny, None, copied, peek=True).failed == []
    for name in SAME:
        assert (copied / name).read_bytes() == (study.folder / name).read_bytes()


def test_a_peeking_training_that_fails_is_reported_too(
    copied: Path, tiny: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = tiny.runs[0].name
    remove(copied / "peeking" / name)

    def fails(*_: object, **__: object) -> None:
        raise LeukoscopeError("The training has diverged.")

    monkeypatch.setattr("leukoscope.runs.cell_task.CellTask.learn", fails)
    broken = sweep(tiny, None, copied, peek=True)
    assert broken.failed == [f"peeking/{name}"]
    assert read_json(copied / "peeking" / name / "peeking.json")["error"] == "The training has diverged."


def test_a_cohort_is_needed_and_the_folder_is_one_process_s(tmp_path: Path, tiny: Plan) -> None:
    with pytest.raises(SettingsError) as caught:
        sweep(plan("quick", 2), None, tmp_path / "study")
    assert str(caught.value) == (
        "The recipe 'quick' needs a data set.\n  what to do: leukoscope sweep quick --data FOLDER --out runs/study"
    )
    with locked(tmp_path / "held"), pytest.raises(LeukoscopeError, match="Another process is working"):
        sweep(tiny, None, tmp_path / "held")


def test_drawn_cells_that_differ_are_drawn_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, float]] = []

    def note(planned: object, cohort: object, *_: object, **__: object) -> str:
        seen.append((cohort.root.name, planned.recipe.drawn.malignant_share))  # type: ignore[attr-defined]
        return "finished"

    monkeypatch.setattr("leukoscope.studies.sweeping.do_run", note)
    shares = plan("drawn", 2, {"drawn.malignant_share": [0.5, 1.0]}, changes={"drawn.patients": 4, "drawn.cells": 2})
    sweep(shares, None, tmp_path / "study")
    assert seen == [("0", 0.5), ("1", 1.0), ("0", 0.5), ("1", 1.0)]


@pytest.mark.torture
def test_killed_and_started_again_it_ends_with_the_same_table(study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    program = (
        f"import sys; sys.path.insert(0, {str(SOURCES)!r}); from conftest import GRID, TINY\n"
        f"from unittest.mock import patch\nfrom leukoscope.studies import plan, sweep\n"
        f"from leukoscope.audit import evidence, shortcuts\nevidence.survey = lambda *_: shortcuts.Survey()\n"
        f"planned, out = plan('drawn', 2, GRID, changes=TINY), {str(folder)!r}\n"
        f"with patch('leukoscope.runs.steps.write_report'): sweep(planned, None, out, peek=True)"
    )
    for mark in ("data/0/pictures", "runs/rates=0.001-seed0/checkpoints/last*", "peeking/rates=0.01-seed0/history.csv"):
        _kill(program, folder, mark)
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert Study(folder).failed == []
    for name in SAME:
        assert (folder / name).read_bytes() == (study.folder / name).read_bytes()


def _kill(program: str, folder: Path, mark: str) -> None:
    """Kill the program as soon as a file of this name stands in the folder."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        until = time.monotonic() + 120
        while not list(folder.glob(mark)):
            assert one.poll() is None, one.stderr and one.stderr.read().decode()
            assert time.monotonic() < until
            time.sleep(0.01)
        os.kill(one.pid, signal.SIGKILL)
