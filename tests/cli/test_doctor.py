from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from leukoscope import doctor as room
from leukoscope.cli.doctor import doctor
from leukoscope.doctor import Examination, Row

PROBLEM = Examination((Row("networks", "torch", "can't be imported", "problem", "pip install torch"),))
NOTE = Examination((Row("extras", "serve", "missing: fastapi", "note", "pip install x"),))


def run(*arguments: str) -> tuple[int, str]:
    """Run the verb in this process: exit code, and what it prints."""
    app = typer.Typer()
    app.command()(doctor)
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100"})
    return done.exit_code, done.stdout


@pytest.mark.parametrize(("found", "code"), [(NOTE, 0), (PROBLEM, 1)])
def test_only_what_keeps_leukoscope_from_working_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, found: Examination, code: int
) -> None:
    monkeypatch.setattr(room, "examine", lambda _: found)
    assert run()[0] == code
    assert (run("--json")[0], json.loads(run("--json")[1])["verdict"]) == (code, found.verdict)


def test_the_verbs_load_nothing_heavy_before_they_run() -> None:
    verbs = "import leukoscope.cli.doctor, leukoscope.cli.fetch, sys"
    code = f"{verbs}; assert not {{'torch', 'timm', 'polars'}} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
