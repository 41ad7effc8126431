from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from leukoscope import api
from leukoscope.cli import main as command_line


class Made:
    """What came of an export that needed none."""

    def __init__(self, leakage: str | None) -> None:
        self.record = {"leakage": leakage}

    def __repr__(self) -> str:
        return "exported"


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ([], (["onnx"], "fp32")),
        (["--to", "openvino", "--to", "onnx", "--precision", "int8"], (["openvino", "onnx"], "int8")),
    ],
)
def test_everything_that_is_typed_reaches_the_library(
    typed: list[str], asked: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[Any] = []

    def export(bundle: Path, out: Path, *, to: list[str], precision: str) -> Made:
        found.append((bundle, out, to, precision))
        return Made("twins")

    monkeypatch.setattr(api, "export_bundle", export)
    monkeypatch.setattr(sys, "argv", ["leukoscope", "export", "runs/a/bundle", "--out", "here", *typed])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert not stopped.value.code
    assert found == [(Path("runs/a/bundle"), Path("here"), *asked)]
    said = capsys.readouterr()
    assert said.out == "exported\n"
    assert said.err == "Warning: The bundle is marked: LEAKAGE: twins. So is export.json.\n"
