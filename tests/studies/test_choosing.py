from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import LeukoscopeError
from leukoscope.files import read_json, read_table, remove
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.cell_task import CellTask
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.studies import Plan, Study, plan, sweep
from leukoscope.studies.choosing import choose, with_choice
from leukoscope.studies.record import begin_record, note_choice

SMALL: dict[str, Any] = {
    "drawn.patients": 16,
    "drawn.cells": 4,
    "drawn.size": 32,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 2,
    "split.test": 0.5,
    "split.validation": 0.4,
}
OTHERWISE: dict[str, Any] = {
    "rescore": {"test_time.rotations": [4]},
    "choose": {"stages.0.rates": [1e-4, 1e-2]},
}
NAMES = ["seed0", "rotations=4-seed0", "seed1", "rotations=4-seed1"]
SAME = ("study.csv", "summary.csv", "choices.csv")
Quickly = Callable[[], AbstractContextManager[None]]
MARKS = (
    "trials/rates=0.0001-seed0/checkpoints/last",
    "trials/rates=0.01-seed0/split.csv",
    "choices.csv",
    "runs/rotations=4-seed0/predictions/test.parquet",
)


@pytest.fixture(scope="module")
def small() -> Plan:
    return plan("drawn", 2, changes=SMALL, **OTHERWISE)


@pytest.fixture(scope="module")
def chosen(small: Plan, tmp_path_factory: pytest.TempPathFactory, quickly: Quickly) -> Study:
    with quickly():
        return sweep(small, None, tmp_path_factory.mktemp("chosen") / "study")


def test_the_best_on_validation_is_taken_for_all_seeds(chosen: Study, small: Plan) -> None:
    choice = chosen.record["choices"]["drawn"]
    values = [found["validation"] for found in choice["tried"]]
    best = choice["tried"][values.index(max(values))]["settings"]
    assert (choice["seed"], choice["metric"], choice["chosen"]) == (0, "roc_auc", best)
    assert choice["run"] == small.runs[0].trials[values.index(max(values))].name
    assert [run.folder.name for run in chosen.runs] == NAMES
    assert {run.record["asked"]["stages"][0]["rates"] for run in chosen.runs} == set(best.values())
    table = chosen.table
    assert table["stages.0.rates"].unique().to_list() == [str(value) for value in best.values()]
    assert table["test_time.rotations"].to_list() == ["1", "4", "1", "4"]


def test_what_is_not_chosen_keeps_its_test_part_sealed_and_no_weights(chosen: Study) -> None:
    left = list((chosen.folder / "trials").iterdir())
    assert len(left) == 1
    assert RunFolder(left[0]).read_record()["test_opened"] == []
    assert not {entry.name for entry in left[0].iterdir()} & {"predictions", "scores.json", "bundle", "checkpoints"}
    first = chosen.runs[0].record
    assert (first["name"], first["status"], len(first["test_opened"])) == ("seed0", "finished", 1)


def test_what_was_tried_stands_in_a_table(chosen: Study) -> None:
    table = read_table(chosen.folder / "choices.csv")
    assert table["settings"].to_list() == ["stages.0.rates=0.0001", "stages.0.rates=0.01"]
    tried = chosen.record["choices"]["drawn"]["tried"]
    assert table["validation"].to_list() == [found["validation"] for found in tried]
    assert table.filter(pl.col("chosen"))["validation"].item() == table["validation"].max()


def test_rescored_runs_have_the_weights_and_the_cells_of_their_pair(chosen: Study) -> None:
    for trained, turned in ((NAMES[0], NAMES[1]), (NAMES[2], NAMES[3])):
        here, there = chosen.place.run(trained), chosen.place.run(turned)
        for name in ("split.csv", "network.csv", "bundle/weights.safetensors"):
            assert (here / name).read_bytes() == (there / name).read_bytes()
        assert RunFolder(there).read_record()["rescored_from"]["name"] == trained
    assert chosen.summary["variant"].unique(maintain_order=True).to_list() == ["drawn", "rotations=4"]


def test_a_value_that_cannot_be_trained_with_is_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learn = CellTask.learn

    def diverges(task: CellTask, place: Any) -> Any:
        if task.prepared.recipe.stages[0].rates == 1e-2:
            raise LeukoscopeError("The training has diverged.")
        return learn(task, place)

    monkeypatch.setattr(CellTask, "learn", diverges)
    alone = plan("drawn", 1, changes=SMALL, choose=OTHERWISE["choose"])
    study = sweep(alone, None, tmp_path / "study")
    assert study.failed == []
    choice = study.record["choices"]["drawn"]
    assert choice["chosen"] == {"stages.0.rates": 1e-4}
    assert [found["error"] for found in choice["tried"]] == [None, "The training has diverged."]


def test_a_trial_that_fails_by_no_fault_of_its_values_is_mended_and_tried_again(
    chosen: Study, small: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of all things")

    folder = tmp_path / "study"
    with monkeypatch.context() as patched:
        patched.setattr(CellTask, "learn", breaks)
        broken = sweep(small, None, folder)
    assert broken.failed == NAMES
    assert broken.table["error"][0].splitlines()[0] == "Nothing was chosen, since a trial failed: of all things"
    assert "choices" not in broken.record
    assert sweep(small, None, folder).failed == []
    for name in SAME:
        assert (folder / name).read_bytes() == (chosen.folder / name).read_bytes()


def test_the_first_of_equals_is_chosen_and_the_smallest_loss(chosen: Study, small: Plan, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(chosen.folder, tmp_path / "study"))
    place, planned = Study(folder).place, small.runs[0]
    remove(folder / "trials")
    for trial, value in zip(planned.trials, (0.5, 0.25), strict=True):
        own = RunFolder(folder / "trials" / trial.name)
        own.update(status="trained", best_epoch=1)
        (own.path / "history.csv").write_text(f"epoch,validation_roc_auc\n1,{value}\n", encoding="utf-8")
    assert choose(place, planned)["chosen"] == {"stages.0.rates": 1e-4}
    (own.path / "history.csv").write_text("epoch,validation_roc_auc\n1,0.5\n", encoding="utf-8")
    assert choose(place, planned)["chosen"] == {"stages.0.rates": 1e-4}
    (own.path / "history.csv").write_text("epoch,validation_roc_auc\n1,0.75\n", encoding="utf-8")
    assert choose(place, planned)["chosen"] == {"stages.0.rates": 1e-2}
    by_loss = plan("drawn", 1, changes={**SMALL, "best_epoch.metric": "loss"}, choose=OTHERWISE["choose"]).runs[0]
    for trial, value in zip(by_loss.trials, (0.5, 0.25), strict=True):
        history = f"epoch,validation_loss\n1,{value}\n"
        (folder / "trials" / trial.name / "history.csv").write_text(history, encoding="utf-8")
    assert choose(place, by_loss)["chosen"] == {"stages.0.rates": 1e-2}


def test_no_value_at_all_is_told(small: Plan, tmp_path: Path) -> None:
    planned = small.runs[0]
    for trial in planned.trials:
        RunFolder(tmp_path / "trials" / trial.name).update(status="failed", error="The training has diverged.")
    with pytest.raises(LeukoscopeError) as caught:
        choose(StudyFolder(tmp_path), planned)
    assert str(caught.value) == (
        "No value that was to be chosen could be trained with: The training has diverged.\n"
        f"  where: {tmp_path / 'trials'}\n  what to do: Name other values: --choose."
    )


def test_a_run_gets_the_settings_that_were_chosen(small: Plan) -> None:
    settled = with_choice(small.runs[2], {"chosen": {"stages.0.rates": 0.5}})
    assert (settled.recipe.stages[0].rates, settled.changes) == (0.5, {"stages.0.rates": 0.5})
    assert with_choice(small.runs[2], None) is small.runs[2]


def test_a_choice_stands_in_the_record_of_its_own_variant_alone(tmp_path: Path) -> None:
    made = plan(
        "drawn",
        1,
        {"model.dropout": [0.0, 0.5]},
        rescore={"test_time.rotations": [4]},
        choose={"stages.0.rates": [1e-4, 1e-2]},
    )
    folder = StudyFolder(tmp_path)
    begin_record(folder, made, None, Options(), None)
    note_choice(folder, "dropout=0.5", {"chosen": {"stages.0.rates": 1e-2}})
    rates = [run["changes"]["stages.0.rates"] for run in read_json(folder.record)["runs"]]
    assert rates == ["to be chosen", "to be chosen", "0.01", "0.01"]


@pytest.mark.torture
def test_killed_and_started_again_it_ends_with_the_same_tables(chosen: Study, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    for mark in MARKS:
        _kill(folder, lambda mark=mark: (folder / mark).exists())
    _run(folder)
    _assert_the_same(folder, chosen)


@pytest.mark.torture
def test_killed_again_and_again_at_any_time_it_ends_with_the_same_tables(chosen: Study, tmp_path: Path) -> None:
    draw = random.Random(17)
    folder = tmp_path / "study"
    for _ in range(12):
        started = time.monotonic()
        begun = len(list(folder.rglob("*")))
        wait = draw.uniform(0.05, 2.0)
        # Counted from its first own file, so that importing takes no part of it.
        _kill(folder, lambda begun=begun, until=started + wait: _moved(folder, begun) and time.monotonic() > until)
    _run(folder)
    _assert_the_same(folder, chosen)


def _moved(folder: Path, begun: int) -> bool:
    return len(list(folder.rglob("*"))) != begun or (folder / "study.html").exists()


def _assert_the_same(folder: Path, chosen: Study) -> None:
    assert Study(folder).failed == []
    for name in SAME:
        assert (folder / name).read_bytes() == (chosen.folder / name).read_bytes()
    for run in Study(folder).runs:
        assert len(run.record["test_opened"]) == 1


def _program(folder: Path) -> list[str]:
    text = (
        "import leukoscope.runs.steps as steps; steps.write_report = lambda _: None\n"
        "from leukoscope.audit import evidence, shortcuts; evidence.survey = lambda *_: shortcuts.Survey()\n"
        "from leukoscope.studies import plan, sweep\n"
        f"sweep(plan('drawn', 2, changes={SMALL!r}, **{OTHERWISE!r}), None, {str(folder)!r})"
    )
    return [sys.executable, "-c", text]


def _run(folder: Path) -> None:
    subprocess.run(_program(folder), check=True, capture_output=True)


def _kill(folder: Path, ready: Any) -> None:
    """Kill the sweep as soon as it is ready for it; one that ends before is left alone."""
    with subprocess.Popen(_program(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        until = time.monotonic() + 900
        while one.poll() is None and not ready():
            assert time.monotonic() < until
            time.sleep(0.01)
        assert one.poll() in {None, 0}, one.stderr and one.stderr.read().decode()
        if one.poll() is None:
            os.kill(one.pid, signal.SIGKILL)
