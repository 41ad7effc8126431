"""The verbs, one after the other, on drawn cells: what a user does in the first hour."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.evaluation.names import score_title
from leukoscope.files import read_json
from leukoscope.runs.scoring import HEADLINE

Command = Callable[..., tuple[int, str, str]]
Here = Callable[..., tuple[str, str]]
LEUKOSCOPE = [sys.executable, "-m", "leukoscope"]
SMALL = [
    "--set",
    "drawn.patients=16",
    "--set",
    "drawn.cells=10",
    "--set",
    "drawn.size=32",
    "--set",
    "framing=[{resize: 32}]",
]
FAST = [*SMALL, "--set", "stages.0.epochs=3", "--set", "model.backbone=test_resnet", "--set", "model.cut=null"]
SAME_WHEN_RESUMED = (
    "history.csv", "scores.json", "split.csv", "recipe.yaml", "wrong.csv", "network.csv", "stages.csv",
    "unlike.csv",
)  # fmt: skip


def score_row(name: str, score: dict[str, Any]) -> str:
    """Return the row of a score as the model card has it."""
    shown = "n/a" if score["value"] is None else f"{score['value']:.3f}"
    bounds = score["reason"] if score["low"] is None else f"{score['low']:.3f} to {score['high']:.3f}"
    return f"| {score_title(name)} | {shown} | {bounds} |"


def leukoscope(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own and check its exit code."""
    done = subprocess.run([*LEUKOSCOPE, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def here(verb: Command) -> Here:
    """Run the command line in this process, check its exit code, and return standard output and standard error."""

    def said(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
        found, out, err = verb(*arguments)
        assert found == code, err
        return out, err

    return said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flow") / "run"
    leukoscope("train", "drawn", "--out", folder, *FAST)
    return folder


def test_a_run_leaves_everything_that_its_report_speaks_of(run: Path) -> None:
    names = {entry.name for entry in run.iterdir()}
    assert {
        "recipe.yaml", "run.json", "split.csv", "cohort.parquet", "pictures.parquet", "history.csv", "network.csv",
        "stages.csv",
        "audit.json", "predictions", "scores.json", "bundle", "figures", "report.html", "wrong.csv", "unlike.csv",
    } <= names  # fmt: skip
    assert "pixels" not in names
    record = read_json(run / "run.json")
    assert record["status"] == "finished"
    assert len(record["test_opened"]) == 1
    assert "0 shared, 0 linked" in record["split"]["statement"]


def test_the_bundle_s_model_card_says_the_numbers_of_the_run(run: Path) -> None:
    card = (run / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    scores, record = read_json(run / "scores.json"), read_json(run / "run.json")
    test = scores["parts"]["test"]
    stated = {name: score for name, score in test["scores"].items() if name in HEADLINE}
    assert [line for line in card.splitlines() if line in map(score_row, stated, stated.values())] == [
        score_row(name, score) for name, score in stated.items()
    ]
    assert f"- **Tested on:** {test['cells']} cells of {test['patients']} patients" in card
    assert all(
        f"| {part} | {counts['cells']} | {counts['patients']} |" in card
        for part, counts in record["split"]["counts"].items()
    )
    sexes = scores["subgroups"]["sex"]
    assert [f"| {one['name']} | {one['patients']} | {one['rows']} | too few patients" in card for one in sexes] == [
        one["patients"] < 10 for one in sexes
    ]
    assert "- **Split:** holdout, by patient, seed" in card
    assert f"recipe drawn, begun on {record['started'][:10]} (UTC), seed {record['seed']}" in card
    filled = (run / "bundle" / "CHECKLIST.md").read_text(encoding="utf-8")
    assert "0 shared, 0 linked" in filled.partition("| 20 | ")[2].partition("| 21 | ")[0]


def test_no_patient_is_on_two_sides(run: Path) -> None:
    cells = pl.read_parquet(run / "cohort.parquet").select("id", "patient")
    parts = pl.read_csv(run / "split.csv", infer_schema=False).join(cells, on="id").group_by("patient")
    assert parts.agg(pl.col("part").n_unique())["part"].max() == 1


def test_predict_gives_the_test_cells_the_run_s_own_probabilities(run: Path, tmp_path: Path) -> None:
    leukoscope("predict", run / "bundle", run / "data", "--reader", "drawn", "--out", tmp_path / "said.csv")
    own = pl.read_parquet(run / "predictions" / "test.parquet").select("id", own="p_all")
    said = pl.read_csv(tmp_path / "said.csv", schema_overrides={"patient": pl.String}).join(own, on="id")
    assert said.height == own.height
    assert (said["p_all"] - said["own"]).abs().max() < 1e-5


def test_a_finished_run_is_not_overwritten(run: Path, here: Here) -> None:
    _, err = here("train", "drawn", "--out", run, *FAST, code=2)
    assert err.startswith("Error: This folder already holds a run (status: finished).")


def test_an_evaluation_does_not_overwrite_a_run(run: Path, here: Here) -> None:
    before = (run / "scores.json").read_bytes()
    _, err = here("evaluate", run / "predictions" / "test.parquet", "--out", run, code=2)
    assert err.startswith("Error: This folder holds a run, whose scores and report would be overwritten.")
    assert (run / "scores.json").read_bytes() == before


def test_resuming_with_other_settings_is_refused(run: Path, here: Here, tmp_path: Path) -> None:
    _, err = here("train", "--out", run, "--weights", tmp_path / "elsewhere", "--resume", code=2)
    assert "was started with other settings: weights." in err
    _, err = here("train", "drawn", "--out", run, *FAST, "--seed", "5", "--resume", code=2)
    assert "was started with other settings: seed." in err


def test_killed_in_mid_epoch_and_resumed_is_as_if_never_stopped(run: Path, tmp_path: Path) -> None:
    stopped = tmp_path / run.name
    process = subprocess.Popen(
        [*LEUKOSCOPE, "train", "drawn", "--out", str(stopped), *FAST],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (stopped / "checkpoints" / "last").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert read_json(stopped / "run.json")["status"] == "running"
    leukoscope("train", "--resume", "--out", stopped)
    for name in SAME_WHEN_RESUMED:
        assert (stopped / name).read_bytes() == (run / name).read_bytes(), name
    for part in ("validation", "test"):
        tables = [pl.read_parquet(folder / "predictions" / f"{part}.parquet") for folder in (run, stopped)]
        assert tables[0].equals(tables[1])


def test_a_run_that_was_moved_is_resumed_where_it_is(here: Here, tmp_path: Path) -> None:
    started = tmp_path / "here" / "run"
    stop = ["--set", "best_epoch.metric=nonsense"]
    here("train", "drawn", "--out", started, *FAST, *stop, code=2)
    moved = started.rename(tmp_path / "moved")
    record = read_json(moved / "run.json")
    record["asked"]["best_epoch"]["metric"] = "loss"
    (moved / "run.json").write_text(json.dumps(record), encoding="utf-8")
    here("train", "--resume", "--out", moved)
    assert read_json(moved / "run.json")["status"] == "finished"


def test_other_cells_are_no_way_to_resume(here: Here, tmp_path: Path) -> None:
    here("train", "drawn", "--out", tmp_path / "run", *FAST, "--set", "best_epoch.metric=nonsense", code=2)
    here("draw", tmp_path / "others", "--set", "patients=4", "--set", "cells=3")
    given = ["--data", tmp_path / "others", "--reader", "drawn"]
    _, err = here("train", "--resume", "--out", tmp_path / "run", *given, code=2)
    assert err.startswith("Error: These are not the cells that this run was started with.")


def test_a_leak_is_refused_and_allowed_only_with_a_reason_that_marks_everything(here: Here, tmp_path: Path) -> None:
    by_cell = ["--set", "split.by=cell"]
    _, err = here("train", "drawn", "--out", tmp_path / "leaky", *FAST, *by_cell, code=2)
    assert "--allow-leakage" in err
    allowed = ["--allow-leakage", "to show the mark"]
    out, _ = here("train", "drawn", "--out", tmp_path / "leaky", *FAST, *by_cell, *allowed)
    assert "LEAKAGE: to show the mark" in out
    assert read_json(tmp_path / "leaky" / "run.json")["leakage"] == "to show the mark"
    assert read_json(tmp_path / "leaky" / "scores.json")["leakage"] == "to show the mark"
    assert read_json(tmp_path / "leaky" / "bundle" / "bundle.json")["leakage"] == "to show the mark"
    assert "to show the mark" in (tmp_path / "leaky" / "report.html").read_text(encoding="utf-8")
    again = tmp_path / "again"
    here("evaluate", tmp_path / "leaky" / "predictions" / "test.parquet", "--out", again)
    assert read_json(again / "scores.json")["leakage"] == "to show the mark"
    assert "to show the mark" in (again / "report.html").read_text(encoding="utf-8")


def test_audit_prints_json_and_fails_when_strict(run: Path, here: Here, tmp_path: Path) -> None:
    found = json.loads(here("audit", run / "data", "--reader", "drawn", "--json")[0])
    assert {finding["code"] for finding in found["findings"]} >= {"counts"}
    assert found["counts"]["cells"] == 160
    data = tmp_path / "cells"
    for label in ("a", "b"):
        (data / label).mkdir(parents=True)
        for source in sorted((run / "data" / "pictures").rglob("*.png"))[:4]:
            (data / label / f"{label}{source.name}").write_bytes(source.read_bytes())
    here("audit", data, "--reader", "folder", "--strict", code=1)


def test_the_split_verb_writes_what_train_reads(run: Path, here: Here, tmp_path: Path) -> None:
    made = tmp_path / "split.csv"
    here("split", run / "data", "--reader", "drawn", "--seed", "4", "--out", made)
    given = ["--set", "split.kind=file", "--set", f"split.file={made}", "--data", run / "data", "--reader", "drawn"]
    here("train", "drawn", "--out", tmp_path / "run", *FAST, *given)
    tables = [pl.read_csv(path, infer_schema=False).sort("id") for path in (made, tmp_path / "run" / "split.csv")]
    assert tables[0].equals(tables[1])
