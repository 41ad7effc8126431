"""The page of a comparison, from tables that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.files import write_json, write_table
from leukoscope.reports.comparison_figures import difference_panels, distribution_panels
from leukoscope.reports.comparison_folder import ComparisonFolder
from leukoscope.reports.comparison_page import write_comparison_page
from leukoscope.reports.comparison_tables import RUNS, TABLE, read_differences, read_runs, read_tests

SIDES = ("007", "<b>1e-3</b>")
BASE = {"first": SIDES[0], "second": SIDES[1], "alternative": "two-sided", "score": "roc_auc", "verdict": "Not shown"}
TESTS: list[dict[str, Any]] = [
    BASE | {"question": "seeds", "test": "mann_whitney", "unit": "run", "first_value": 0.9, "second_value": 0.8,
            "difference": 0.1, "effect": 0.75, "effect_is": "probability of superiority", "p": 0.0004, "p_holm": 0.0008,
            "smallest_p": 0.0079, "first_number": 5, "second_number": 5, "patients": 14, "cells": 3581, "exact": True},
    BASE | {"question": "seeds", "test": "wilcoxon", "unit": "run", "verdict": "Not tested", "refused": "No <pairs>."},
    BASE | {"question": "patients", "test": "bootstrap", "unit": "patient", "first_run": "a", "second_run": "b",
            "difference": -0.05, "low": -0.1, "high": 0.02, "p": 0.2, "p_holm": 0.2, "patients": 14},
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> ComparisonFolder:
    place = ComparisonFolder(tmp_path)
    runs = [
        {"side": side, "run": f"r{seed}", "seed": seed, "rows_sha256": "abc", "patients": 14, "roc_auc": value}
        for side, seed, value in ((SIDES[0], 0, 0.9), (SIDES[0], 1, 0.95), (SIDES[1], 0, 0.8))
    ]
    record = {
        "format": 1, "started": "2026-11-21T10:00:00+00:00", "versions": {"leukoscope": "0.1.0"}, "part": "test",
        "sides": [{"name": side} for side in SIDES], "leakage": [], "cautions": ["Few <patients>."],
        "scores": ["roc_auc"],
        "alternative": "two-sided", "replicates": 2000, "command": None,
        "families": [{"family": "x", "title": "Ranks", "tests": 2, "smallest_p": 0.0079, "smallest_p_holm": None}],
        "questions": {"seeds": "Seeds?", "patients": "Patients?", "calls": "Calls?"},
    }  # fmt: skip
    write_json(place.record, record)
    write_table(place.table, pl.DataFrame([{name: row.get(name) for name in TABLE} for row in TESTS], schema=TABLE))
    schema = {**RUNS, "roc_auc": pl.Float64()}
    write_table(place.runs, pl.DataFrame([{name: row.get(name) for name in schema} for row in runs], schema=schema))
    differing = {"kind": "seeds", "setting": "seed", SIDES[0]: "0; 1", SIDES[1]: "0"}
    write_table(place.differences, pl.DataFrame([differing]))
    return place


def test_the_tables_come_back_as_they_were_written(place: ComparisonFolder) -> None:
    tests, runs = read_tests(place.table), read_runs(place.runs)
    assert dict(tests.schema) == TABLE
    assert tests["first"].to_list() == ["007"] * 3
    assert tests["exact"].to_list() == [True, None, None]
    assert (runs.schema["roc_auc"], runs["side"][0]) == (pl.Float64(), "007")
    assert read_differences(place.differences).row(0) == ("seeds", "seed", "0; 1", "0")


def test_everything_in_the_tables_stands_on_the_page_escaped(place: ComparisonFolder) -> None:
    page = write_comparison_page(place.path).read_text(encoding="utf-8")
    for said in (
        "007 against &lt;b&gt;1e-3&lt;/b&gt;: ROC AUC", "&lt; 0.001", "probability of superiority 0.750", "+0.100",
        "0.008",
        "5 and 5 runs; 3,581 cells, 14 patients", "Not tested. No &lt;pairs&gt;.", "-0.100 to +0.020",
        "Few &lt;patients&gt;.",
        "0; 1", "Ranks", "Mann-Whitney U", "Bootstrap by patient",
    ):  # fmt: skip
        assert said in page, said
    assert "<b>1e-3" not in page
    assert "Calls?" not in page, "a question without tests has no section"


def test_a_page_without_differences_and_pairs_says_so(place: ComparisonFolder) -> None:
    write_table(place.differences, pl.DataFrame(schema={name: pl.String() for name in ("kind", "setting", *SIDES)}))
    write_table(place.table, read_tests(place.table).head(2))
    page = write_comparison_page(place.path).read_text(encoding="utf-8")
    assert "Nothing: all sides have the same settings" in page
    assert not (place.figures / "differences.svg").exists()
    place.record.unlink()
    with pytest.raises(DataError) as caught:
        write_comparison_page(place.path)
    assert str(caught.value) == (
        f"This folder holds no comparison.\n  where: {place.path}\n  what to do: Name the --out of compare."
    )


def test_figures_take_pairs_and_intervals_from_the_tables() -> None:
    record = {"sides": [{"name": side} for side in SIDES], "scores": ["roc_auc"]}
    runs = [
        {"side": side, "seed": 3, "rows_sha256": "abc", "roc_auc": value}
        for side, value in zip(SIDES, (0.9, None), strict=True)
    ]
    (panel,) = distribution_panels(record, runs)
    assert [(side.title, side.values) for side in panel.sides] == [(SIDES[0], {"3 abc": 0.9}), (SIDES[1], {})]
    rows = [{name: row.get(name) for name in TABLE} for row in TESTS]
    (forest,), names = difference_panels(record, rows)
    (row,) = forest.rows
    assert row is not None
    assert (row.value, row.low, row.high, row.side, names) == (-0.05, -0.1, 0.02, 0, [f"{SIDES[1]}: a, b"])
    assert difference_panels(record, rows[:2]) == ([], [])
