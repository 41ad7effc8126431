"""The README's Python is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import leukoscope as lk
from leukoscope.errors import LeukoscopeWarning

README = Path(__file__).parents[2] / "README.md"


def python_of_the_readme() -> str:
    """Return the code between the README's marks."""
    marked = README.read_text(encoding="utf-8").split("<!-- python -->")[1].split("<!-- /python -->")[0]
    code = re.search(r"```python\n(.*?)```", marked, re.DOTALL)
    assert code is not None
    return code.group(1)


def test_the_dozen_lines_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lk.draw("cells", patients=16, cells=10, size=64)
    code = python_of_the_readme()
    assert len(code.strip().splitlines()) <= 12
    quick = code.replace('lk.train("drawn", ', 'lk.train("drawn", changes=["stages.0.epochs=1"], cohort=')
    names: dict[str, object] = {}
    with pytest.warns(LeukoscopeWarning, match="has seen 120 pictures in training"):
        exec(compile(quick, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "runs/first/report.html" in printed
    assert names["predictions"].table.height == 160  # type: ignore[attr-defined]
