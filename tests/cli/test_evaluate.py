from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leukoscope import api
from leukoscope.cli import evaluate as module
from leukoscope.cli.evaluate import evaluate
from leukoscope.errors import SettingsError

OF_PREDICTIONS = "is for predictions, and --data holds a bundle against a data set."


class Found:
    """What the library returns, as far as the verb looks at it."""

    notes = ("A note.",)
    warnings = ("Beware.",)

    def __str__(self) -> str:
        return "Found [all]"


def typed(*words: str) -> Any:
    app = typer.Typer()
    app.command("evaluate")(evaluate)
    return CliRunner().invoke(app, list(words))


def test_everything_that_is_typed_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(bundle: Path, cohort: object, **settings: object) -> Found:
        asked.update(settings, bundle=bundle, cohort=cohort)
        return Found()

    monkeypatch.setattr(api, "validate", note, raising=False)
    monkeypatch.setattr(module, "read_data", lambda *words: words)
    found = typed(
        "runs/a/bundle", "--data", "cells", "--reader", "folder", "--option", "by=x", "--map", "m.yaml", "--by", "kind",
        "--facts", "facts.csv", "--recalibrate", "0.3", "--out", "out", "--seed", "4", "--replicates", "300",
        "--device", "cpu",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert "Found [all]\n" in found.output
    assert "note: A note." in found.output
    assert "Warning: Beware." in found.output
    assert asked.pop("command").split()[0] == "leukoscope"
    assert asked == {
        "bundle": Path("runs/a/bundle"),
        "cohort": (Path("cells"), "folder", ["by=x"]),
        "out": Path("out"),
        "class_map": "m.yaml",
        "by": "kind",
        "facts": Path("facts.csv"),
        "recalibrate": 0.3,
        "replicates": 300,
        "seed": 4,
        "device": "cpu",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("said.csv", "--recalibrate", "0.3"),
            "--recalibrate is for a bundle on another data set.\n  what to do: Name it: --data.",
        ),
        (("said.csv", "--map", "m"), "--map is for a bundle on another data set.\n  what to do: Name it: --data."),
        (
            ("bundle", "--data", "cells", "--threshold", "0.5"),
            f"--threshold {OF_PREDICTIONS}\n  what to do: Leave it out.",
        ),
    ],
)
def test_options_of_the_other_way_are_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        raise typed(*words, "--out", "out").exception
    assert str(raised.value) == said


def test_a_folder_without_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        raise typed(str(tmp_path), "--out", "out").exception
    assert str(raised.value) == (
        f"This is a folder, and no table of predictions.\n  where: {tmp_path}\n"
        "  what to do: To hold a bundle against another data set, name that: --data FOLDER."
    )
