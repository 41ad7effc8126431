"""The pages of audits in the docs say what the audits say."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import leukoscope as lk

PROJECT = Path(__file__).parents[2]


def told(page: str) -> list[tuple[str, str]]:
    """Return the title and the sentence of each finding of a page."""
    pieces = [piece.splitlines() for piece in page.split("\n### ")[1:]]
    return [(lines[0], lines[2]) for lines in pieces]


@pytest.mark.parametrize("name", ["segmentation_wbc", "bccd", "matek"])
def test_a_page_is_that_of_todays_audit(real_data: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "docs" / "_ext"))
    pages = importlib.import_module("generated_pages.audits")
    record = lk.audit_cohort(lk.read_cohort(real_data / name, name)).as_json()
    committed = (PROJECT / "docs" / "audits" / f"{name}.md").read_text(encoding="utf-8")
    now = told(pages.findings_page(name, record))
    assert len(now) == len(record["findings"])
    assert told(committed) == now, "The page is of another day's audit: run make audits."
