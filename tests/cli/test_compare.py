from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leukoscope.cli.compare import compare
from leukoscope.studies import comparison


def test_everything_that_is_typed_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(sides: list[str], out: Path, **settings: object) -> str:
        asked.update(settings, sides=sides, out=out)
        return "Comparison [done]"

    monkeypatch.setattr(comparison, "compare", note)
    app = typer.Typer()
    app.command("compare")(compare)
    typed = ["a", "b::c", "--out", "o", "--score", "roc_auc", "--score", "mcc", "--alternative", "less"]
    found = CliRunner().invoke(app, [*typed, "--part", "validation", "--replicates", "500", "--seed", "7"])
    assert (found.exit_code, found.output) == (0, "Comparison [done]\n")
    assert asked.pop("command").split()[0] == "leukoscope"
    assert asked == {
        "sides": ["a", "b::c"],
        "out": Path("o"),
        "scores": ["roc_auc", "mcc"],
        "alternative": "less",
        "part": "validation",
        "replicates": 500,
        "seed": 7,
    }


@pytest.mark.parametrize("typed", [["a", "b"], ["a", "--out", "o", "--replicates", "5"], ["--out", "o"]])
def test_what_is_needed_is_asked_for(typed: list[str]) -> None:
    app = typer.Typer()
    app.command("compare")(compare)
    assert CliRunner().invoke(app, typed).exit_code == 2
