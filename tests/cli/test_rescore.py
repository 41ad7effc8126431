from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leukoscope import api
from leukoscope.cli.rescore import rescore
from leukoscope.errors import SettingsError


class Again:
    """What the library returns, as far as the verb looks at it."""

    record: dict[str, Any] = {"leakage": None}  # noqa: RUF012 - never changed

    def __str__(self) -> str:
        return "Run [again]"


def test_everything_that_is_typed_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(run: Path, cohort: object, **settings: object) -> Again:
        asked.update(settings, run=run, cohort=cohort)
        return Again()

    monkeypatch.setattr(api, "rescore", note, raising=False)
    app = typer.Typer()
    app.command("rescore")(rescore)
    typed = ["runs/a", "--out", "runs/b", "--set", "test_time.rotations=1", "--device", "cpu", "--store", "pixels"]
    found = CliRunner().invoke(app, typed)
    assert (found.exit_code, found.output) == (0, "Run [again]\n")
    assert asked.pop("command").split()[0] == "leukoscope"
    assert asked == {
        "run": Path("runs/a"),
        "cohort": None,
        "out": Path("runs/b"),
        "changes": ["test_time.rotations=1"],
        "store": Path("pixels"),
        "device": "cpu",
        "show": True,
    }


def test_a_folder_is_needed() -> None:
    with pytest.raises(SettingsError) as caught:
        rescore(Path("runs/a"))
    assert str(caught.value) == (
        "The new run needs a folder.\n"
        "  what to do: leukoscope rescore runs/a --set test_time.rotations=1 --out runs/again"
    )
