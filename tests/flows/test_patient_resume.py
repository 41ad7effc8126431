"""A patients' run that is killed and gone on with is the run that never stopped, out-of-fold networks included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from leukoscope import read_cohort, train
from leukoscope.files import read_json

LEUKOSCOPE = [sys.executable, "-m", "leukoscope"]
SETTINGS = [
    "stages.0.epochs=2", "stages.0.batch=4", "framing=[{resize: 32}]", "split.test=0.4", "bag.cells=2",
    "facts.inputs={age: linear, sex: category}", "facts.fusion=late", "facts.folds=2",
]  # fmt: skip
CHANGES = [word for change in SETTINGS for word in ("--set", change)]
SAME = (
    "history.csv", "folds/0/history.csv", "folds/1/history.csv", "scores.json", "split.csv", "recipe.yaml",
    "network.csv", "wrong.csv", "evidence_patients.csv", "facts_moves.csv", "evidence.json",
)  # fmt: skip


def stop_when(there: Path, process: subprocess.Popen[bytes]) -> None:
    """Kill a process once something is there."""
    deadline = time.monotonic() + 120
    while not there.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.torture
def test_killed_in_a_fold_and_resumed_is_as_if_never_stopped(drawn_patients: Path, tmp_path: Path) -> None:
    given = ["train", "drawn-patients", "--data", str(drawn_patients), "--reader", "drawn", *CHANGES]
    whole, stopped = tmp_path / "whole" / "run", tmp_path / "stopped" / "run"
    train("drawn-patients", read_cohort(drawn_patients, "drawn"), out=whole, changes=SETTINGS)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*LEUKOSCOPE, *given, "--out", str(stopped)], **quiet)
    stop_when(stopped / "folds" / "0" / "checkpoints" / "last", process)
    assert read_json(stopped / "run.json")["status"] == "running"
    assert not (stopped / "scores.json").exists()
    train(None, out=stopped, resume=True)
    for name in SAME:
        assert (stopped / name).read_bytes() == (whole / name).read_bytes(), name
    for name in ("predictions/validation", "predictions/test", "evidence"):
        tables = [pl.read_parquet(folder / f"{name}.parquet") for folder in (whole, stopped)]
        assert tables[0].equals(tables[1]), name
    assert len(read_json(stopped / "run.json")["test_opened"]) == 1
    weights = [(folder / "bundle" / "weights.safetensors").read_bytes() for folder in (whole, stopped)]
    assert weights[0] == weights[1]
