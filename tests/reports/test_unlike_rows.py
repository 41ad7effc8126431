from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.reports.page import write_report
from leukoscope.reports.tables import read_tables
from leukoscope.reports.unlike_rows import unlike_section

SECTION = {
    "training_cells": 1000,
    "reference_cells": 200,
    "quantile": 0.99,
    "validation": {"cells": 262, "patients": 7},
    "test": {
        "cells": 427,
        "patients": 12,
        "flagged_cells": 9,
        "flagged": {"value": 0.021, "low": 0.01, "high": 0.05, "reason": None},
    },
    "notes": ["The limit rests on few."],
}


@pytest.fixture
def with_unlike(example: Callable[..., Path]) -> Path:
    run = example()
    scores = json.loads((run / "scores.json").read_text())
    (run / "scores.json").write_text(json.dumps(scores | {"out_of_distribution": SECTION}))
    label = scores["parts"]["test"]["classes"][0]
    rows = {"id": ["<a>", "b"], "patient": ["P1", None], "label": [label, label], "distance": [1.309, 0.98]}
    pl.DataFrame(rows).write_csv(run / "unlike.csv")
    return run


def test_the_section_says_how_many_and_which(with_unlike: Path) -> None:
    found = unlike_section(read_tables(with_unlike))
    assert found is not None
    assert found["test"] == "427 test cells of 12 patients"
    assert found["patients"] is True
    assert found["validation"] == "262 cells of 7 patients"
    assert (found["flagged"], found["share"]) == ("9", "0.021 (0.010 to 0.050)")
    assert (found["quantile"], found["expected"]) == ("99\N{NO-BREAK SPACE}%", "1\N{NO-BREAK SPACE}%")
    assert [(row["id"], row["distance"], row["flagged"]) for row in found["rows"]] == [
        ("<a>", "1.31", True),
        ("b", "0.98", False),
    ]


def test_the_page_has_it_and_only_where_there_is_something_to_say(with_unlike: Path) -> None:
    page = write_report(with_unlike).read_text(encoding="utf-8")
    section = page.split('<section id="unlike">')[1].split("</section>")[0]
    assert '<a href="#unlike">' in page
    assert "&lt;a&gt;" in section
    assert "9 lie beyond that limit: a share of 0.021 (0.010 to 0.050)" in section
    assert "The limit rests on few." in section
    assert "not known" in section
    scores = json.loads((with_unlike / "scores.json").read_text())
    del scores["out_of_distribution"]
    (with_unlike / "scores.json").write_text(json.dumps(scores))
    assert '<section id="unlike">' not in write_report(with_unlike).read_text(encoding="utf-8")
