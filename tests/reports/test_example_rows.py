from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.reports import write_report
from leukoscope.reports.example_rows import example_rows
from leukoscope.reports.sheets import example_sheet
from leukoscope.reports.tables import read_tables

ROWS = [
    ("007", "ig", "ig", "ig", 0.912, "monocyte", 0.05, "neutrophil", 0.03),
    ("c<2>", "ig", "neutrophil", "neutrophil", 0.5, "ig", 0.31, "platelet", 0.02),
]
COLUMNS = ("id", "label", "called", *(f"{what}_{place}" for place in (1, 2, 3) for what in ("guess", "probability")))


@pytest.fixture
def run(many: dict[str, Any], tmp_path: Path) -> Path:
    """A folder with scores of eight classes and two examples, and nothing else."""
    scores = {"format": 1, "leakage": None, "warnings": [], "threshold": None, "parts": {"test": many}}
    (tmp_path / "scores.json").write_text(json.dumps(scores))
    pl.DataFrame(ROWS, schema=COLUMNS, orient="row").write_csv(tmp_path / "examples.csv")
    return tmp_path


def test_examples_have_titles_and_their_guesses(run: Path) -> None:
    first, second = example_rows(read_tables(run))
    assert first == {
        "id": "007",
        "label": "immature granulocyte",
        "called": "immature granulocyte",
        "right": True,
        "guesses": [("immature granulocyte", "0.91"), ("monocyte", "0.05"), ("neutrophil", "0.03")],
    }
    assert (second["right"], second["called"]) == (False, "neutrophil")


def test_of_two_classes_there_are_none(evaluation: Path) -> None:
    assert example_rows(read_tables(evaluation)) == []


def test_the_page_has_their_table_and_leads_to_it_and_to_the_groups(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = ("confusion", "curves", "learning", "patients", "calibration", "facts", "joint", "bagging")
    monkeypatch.setattr("leukoscope.reports.page.draw_figures", lambda _tables: {name: [] for name in sections})
    assert 'href="#examples"' not in write_report(run).read_text(encoding="utf-8")
    names = {"ids": ["007"], "labels": ["ig"], "right": [True], "guesses": [[("ig", 0.9)]]}
    example_sheet(np.full((1, 8, 8, 3), 9, np.uint8), run / "figures/examples.png", **names)  # type: ignore[arg-type]
    scores = json.loads((run / "scores.json").read_text())
    lineages = {"names": ["a"], "table": [[3]], "errors": 0, "within": 0, "share": {"value": None}, "by_chance": None}
    scores["class_groups"] = {"groups": [], "lineages": lineages}
    (run / "scores.json").write_text(json.dumps(scores))
    page = write_report(run).read_text(encoding="utf-8")
    assert '<a href="#examples">Examples</a>' in page
    assert '<a href="#groups">Groups of classes</a>' in page
    table = page.split("Table of these cells</summary>")[1].split("</details>")[0]
    assert "<code>c&lt;2&gt;</code></th><td>immature granulocyte</td><td>✗ neutrophil</td>" in table
    assert "<td>neutrophil 0.50</td><td>immature granulocyte 0.31</td><td>platelet 0.02</td>" in table
