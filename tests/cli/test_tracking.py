from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from leukoscope.cli import main as command_line


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Run ``leukoscope train`` in this process: exit code, and all that it printed."""
    monkeypatch.setattr(sys, "argv", ["leukoscope", "train", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.err + printed.out


class Made:
    """A run that needed no training."""

    record = {"leakage": None}  # noqa: RUF012 - never changed

    def __repr__(self) -> str:
        return "Run first"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was done, in its order; nothing is trained and nothing is recorded."""
    order: list[object] = []

    def train(*_: object, **__: object) -> Any:
        order.append("train")
        return Made()

    def opened(place: str) -> str:
        order.append(("open", place))
        return "the store"

    def tracked(run: Made, store: str, *, experiment: str | None) -> str:
        order.append(("track", repr(run), store, experiment))
        return "first: recorded"

    monkeypatch.setattr("leukoscope.api.train", train)
    monkeypatch.setattr("leukoscope.runs.tracking.open_store", opened)
    monkeypatch.setattr("leukoscope.runs.tracking.track", tracked)
    return order


def test_the_store_is_opened_before_the_training_and_the_run_recorded_after_it(
    done: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed = said(monkeypatch, capsys, "drawn", "--out", tmp_path / "first", "--track", "tracking")
    assert (code, printed) == (0, "Run first\nfirst: recorded\n")
    assert done == [("open", "tracking"), "train", ("track", "Run first", "the store", None)]


def test_nothing_is_recorded_unless_asked_for(
    done: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(monkeypatch, capsys, "drawn", "--out", tmp_path / "first") == (0, "Run first\n")
    assert done == ["train"]


def test_without_mlflow_nothing_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    out = tmp_path / "first"
    assert said(monkeypatch, capsys, "drawn", "--out", out, "--track", tmp_path / "tracking") == (
        2,
        'Error: MLflow is not installed.\n  what to do: pip install "leukoscope[track]"\n',
    )
    assert not out.exists()
