from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leukoscope import api
from leukoscope.cli.errors import errors


def test_everything_that_is_typed_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(models: list[Path], **settings: object) -> str:
        asked.update(settings, models=models)
        return "Errors [done]"

    monkeypatch.setattr(api, "analyse_errors", note)
    app = typer.Typer()
    app.command("errors")(errors)
    typed = ["a", "b.csv", "--out", "o", "--part", "validation", "--data", "d", "--replicates", "500", "--seed", "7"]
    found = CliRunner().invoke(app, typed)
    assert (found.exit_code, found.output) == (0, "Errors [done]\n")
    assert asked == {
        "models": [Path("a"), Path("b.csv")],
        "out": Path("o"),
        "part": "validation",
        "data": Path("d"),
        "replicates": 500,
        "seed": 7,
    }


@pytest.mark.parametrize("typed", [["a"], ["--out", "o"], ["a", "--out", "o", "--part", "train"]])
def test_what_is_needed_is_asked_for(typed: list[str]) -> None:
    app = typer.Typer()
    app.command("errors")(errors)
    assert CliRunner().invoke(app, typed).exit_code == 2
