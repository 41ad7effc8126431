"""Liu & Long's two stages, small: two bagged networks, a joint model of both, and the rules that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from leukoscope import api
from leukoscope.bundles import EnsembleBundle, load_bundle, open_bundle
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.files import read_json, read_table
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import BalanceSettings
from leukoscope.runs.run import Run
from leukoscope.training import loop

MEMBER = {
    "framing": [{"otsu_hull": "published"}, {"resize": 32}],
    "model.backbone": "test_resnet",
    "model.weights": "none",
    "stages.0.epochs": 1,
    "stages.0.batch": 16,
}
JOINT = {
    "model.hidden": [8, 8],
    "stages.0.epochs": 2,
    "stages.0.batch": 16,
    "balance.loss_weights": {"all": 2.5, "hem": 1},
}
RECIPE = {
    "name": "bagged",
    "about": {"purpose": "Two bagged networks and a joint model of both, tiny."},
    "split": {"kind": "holdout", "test": 0.3, "validation": 0.3},
    "members": {
        "A": {"recipe": "liu2019-network", "set": MEMBER},
        "B": {"recipe": "liu2019-network", "set": {**MEMBER, "balance.bagging.part": 1}},
    },
    "joint": {"recipe": "liu2019-joint", "set": JOINT},
    "ensemble": {"rules": {"most_confident": {}, "average": {}}},
    "threshold": {"value": 0.5},
    "seeing": {"cells": 0},
}
ALL = ("A", "B", "joint")


@dataclass
class Heard:
    """What was listened to in the trainings of a run: what each learnt from, and the epochs of the joint model."""

    learnt: list[CellData] = field(default_factory=list)
    joint_epochs: list[int] = field(default_factory=list)


def listen(patched: pytest.MonkeyPatch, heard: Heard, *, stop: bool = False) -> None:
    """Note what is trained; ``stop`` interrupts the joint training in its second epoch."""
    sampled, run_epoch = loop.sampled, loop._run_epoch

    def noting(data: CellData, balance: BalanceSettings, seed: int) -> CellData:
        heard.learnt.append(sampled(data, balance, seed))
        return heard.learnt[-1]

    def stopping(learner: Any, number: int, course: Any, history: Any, display: Any) -> Any:
        if isinstance(learner.model.backbone, JointBackbone):
            heard.joint_epochs.append(len(history.rows) + 1)
            if stop and history.rows:
                raise KeyboardInterrupt
        return run_epoch(learner, number, course, history, display)

    patched.setattr(loop, "sampled", noting)
    patched.setattr(loop, "_run_epoch", stopping)


def leave_out(patched: pytest.MonkeyPatch, *names: str) -> None:
    """Leave out what other tests look at, and what takes most of the time."""
    for name in names:
        patched.setattr(f"leukoscope.runs.{name}", lambda *_, **__: {})


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    draw_cohort(folder, patients=14, cells=4, size=32)
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "bagged.yaml"
    path.write_text(yaml.safe_dump(RECIPE, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(cells: Path, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Heard]:
    """An unbroken run."""
    heard = Heard()
    with pytest.MonkeyPatch.context() as patched:
        leave_out(patched, "steps.write_report", "cell_task.write_sheets")  # the members' pages
        listen(patched, heard)
        run = api.train(recipe, read_cohort(cells, "drawn"), out=tmp_path_factory.mktemp("whole") / "run")
    return run, heard


@dataclass
class Broken:
    """A run that was stopped in its joint model's second epoch and gone on with."""

    run: Run
    status: str
    stopped: Heard
    went_on: Heard
    members: tuple[dict[Path, tuple[int, bytes]], dict[Path, tuple[int, bytes]]]


def members_files(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Return when each file of the members A and B was written, and what is in it."""
    paths = [path for name in "AB" for path in (folder / "members" / name).rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


@pytest.fixture(scope="module")
def broken(cells: Path, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    out, stopped, went_on = tmp_path_factory.mktemp("broken") / "run", Heard(), Heard()
    with pytest.MonkeyPatch.context() as patched:
        leave_out(patched, "steps.write_report", "ensemble_run.write_report", "ensemble_run.write_mistakes")
        leave_out(
            patched, *(f"cell_task.{name}" for name in ("write_sheets", "write_balance", "beside_run", "baselines_of"))
        )
        with patched.context() as while_training:
            listen(while_training, stopped, stop=True)
            with pytest.raises(KeyboardInterrupt):
                api.train(recipe, read_cohort(cells, "drawn"), out=out)
        status, before = read_json(out / "run.json")["status"], members_files(out)
        with patched.context() as while_training:
            listen(while_training, went_on)
            run = api.train(None, out=out, resume=True)
        yield Broken(run, status, stopped, went_on, (before, members_files(out)))


def member(run: Run, name: str) -> Run:
    return Run(run.folder / "members" / name)


def said_by(run: Run) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the probability of a blast of each test cell, in the order of ids."""
    return run.predictions("test").table.sort("id")["p_all"].to_numpy().astype(np.float64)


def test_all_three_models_are_trained_on_one_split_and_the_report_stands(whole: tuple[Run, Heard]) -> None:
    run, heard = whole
    assert [one["name"] for one in run.record["ensemble_of"]] == list(ALL)
    assert {(member(run, name).folder / "split.csv").read_bytes() for name in ALL} == {
        (run.folder / "split.csv").read_bytes()
    }
    assert [member(run, name).record["status"] for name in ALL] == ["finished"] * 3
    assert heard.joint_epochs == [1, 2]
    assert read_table(member(run, "joint").folder / "history.csv").height == 2
    assert run.report.is_file()


def test_the_report_shows_what_each_bagged_model_was_shown(whole: tuple[Run, Heard]) -> None:
    folder = whole[0].folder
    assert read_table(folder / "bagging.csv")["model"].to_list() == ["A"] * 3 + ["B"] * 3
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("<h3>What each model was shown</h3>") == 1
    assert "What this model sees of the parts" not in page, "several models are not one"
    assert (folder / "figures" / "ensemble_bagging.png").is_file()
    assert not (folder / "figures" / "bagging.png").exists()


def test_the_parts_are_disjoint_and_the_joint_model_learns_from_the_training_part_as_it_is(
    whole: tuple[Run, Heard],
) -> None:
    run, heard = whole
    split = dict(read_table(run.folder / "split.csv", text=True).select("id", "part").iter_rows())
    training = {name for name, part in split.items() if part == "train"}
    *bagged, joint = heard.learnt
    assert set(joint.ids) == training
    assert joint.copies is None
    largest = int(np.bincount(joint.labels).argmax())
    seen, groups = [], []
    for learnt in bagged:
        assert learnt.copies is not None
        assert learnt.groups is not None
        of_part = ~learnt.copies.changed & (learnt.labels == largest)
        seen.append({learnt.ids[place] for place in np.flatnonzero(of_part)})
        groups.append({learnt.groups[place] for place in np.flatnonzero(of_part)})
        assert {name.split(maxsplit=1)[0] for name in learnt.ids} == training
    assert not seen[0] & seen[1]
    assert not groups[0] & groups[1]
    assert seen[0] | seen[1] == {joint.ids[place] for place in np.flatnonzero(joint.labels == largest)}
    tables = [read_table(member(run, name).folder / "bagging.csv") for name in "AB"]
    assert [table.drop_nulls("part")["whole"].to_list() for table in tables] == [
        [len(seen[0]), 0],
        [0, len(seen[1])],
    ]


def test_the_joint_models_branches_are_the_members_weights(whole: tuple[Run, Heard]) -> None:
    run, _ = whole
    net = load_bundle(member(run, "joint").bundle).model.backbone.net
    states = {name: load_bundle(member(run, name).bundle).model.backbone.net.state_dict() for name in "AB"}
    for name, state in states.items():
        own = net[name].state_dict()
        assert own.keys() == state.keys()
        assert all(torch.equal(own[key], state[key]) for key in state)
    assert any(not torch.equal(states["A"][key], states["B"][key]) for key in states["A"])


def test_the_rules_and_the_bundle_say_the_runs_predictions(whole: tuple[Run, Heard], cells: Path) -> None:
    run, _ = whole
    every = np.stack([said_by(member(run, name)) for name in ALL])
    surest = every[np.abs(every - 0.5).argmax(axis=0), np.arange(every.shape[1])]
    assert said_by(run) == pytest.approx(surest, abs=1e-5)
    assert said_by(Run(run.folder / "rules" / "most_confident")) == pytest.approx(surest, abs=1e-5)
    assert said_by(Run(run.folder / "rules" / "average")) == pytest.approx(every.mean(axis=0), abs=1e-5)
    bundle = open_bundle(run.bundle)
    assert isinstance(bundle, EnsembleBundle)
    assert (bundle.card.rule, bundle.card.members) == ("most_confident", ALL)
    ids = run.predictions("test").table.sort("id")["id"]
    found = api.predict(bundle, read_cohort(cells, "drawn").select(ids)).table.sort("id")
    assert found["id"].to_list() == ids.to_list()
    assert found["p_all"].to_numpy() == pytest.approx(said_by(run), abs=1e-5)


def test_stopped_in_the_joint_training_it_goes_on_there_and_ends_with_the_same(
    whole: tuple[Run, Heard], broken: Broken
) -> None:
    run, _ = whole
    assert broken.status == "interrupted"
    assert (len(broken.stopped.learnt), broken.stopped.joint_epochs) == (3, [1, 2])
    assert (len(broken.went_on.learnt), broken.went_on.joint_epochs) == (1, [2]), "the joint training alone goes on"
    before, after = broken.members
    assert before == after, "finished members are left alone"
    for name in ALL:
        histories = [read_table(member(one, name).folder / "history.csv") for one in (run, broken.run)]
        assert histories[0].equals(histories[1])
    for part in ("validation", "test"):
        for one, other in [(run, broken.run), *((member(run, name), member(broken.run, name)) for name in ALL)]:
            assert one.predictions(part).table.equals(other.predictions(part).table)
