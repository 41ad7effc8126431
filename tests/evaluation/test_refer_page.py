"""The page "Refer when unsure" runs from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "refer-when-unsure.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_example_runs(
    draw_sick: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    draw_sick(patients=60, shift=3.0).save(Path("runs/lyon/predictions/validation.parquet"))
    draw_sick(seed=1, patients=60, shift=3.0).save(Path("runs/lyon/predictions/test.parquet"))
    draw_sick(seed=1, patients=60, shift=1.0).save(Path("runs/count/predictions/test.parquet"))
    names: dict[str, Any] = {}
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert len(blocks) == 4
    for words in ("Referral of 60 patients", "covered (promised 0.95)", "ECE ", "wanted", "ROC AUC "):
        assert words in said
    assert names["Predictions"] is Predictions


def test_every_reason_on_the_page_is_one_that_the_program_gives() -> None:
    source = (PAGE.parents[2] / "src" / "leukoscope" / "evaluation" / "referral.py").read_text(encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    for words in ("the only class that the band leaves", "remain possible", "the threshold says"):
        assert words in source
        assert words in page
    assert "unlike the validation patients of every class" in page
