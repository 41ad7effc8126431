"""The audits in the docs: findings in words for everyone, pictures only where they lie beside the project."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

audits = importlib.import_module("generated_pages.audits")
script = importlib.import_module("make_audits")

COUNTS = {
    "usable": 1200,
    "patients": 3,
    "classes": [{"class": "all", "title": "blast (ALL)", "cells": 1200, "patients": 3, "own": 0}],
}
FINDINGS = [
    {"code": "a_note", "severity": "note", "sentence": "A *note*.", "do": None, "count": 1},
    {
        "code": "near_unknown_patients",
        "severity": "error",
        "sentence": "A twin.",
        "do": "Part them.",
        "count": 1,
        "pictures": [["a", "b"]],
        "pairs": [
            {"id_a": f"U_{number}", "id_b": "b|c", "path": "x.png", "seen": "3/7/1950", "label_a": "all"}
            for number in range(10)
        ],
    },
]


def test_without_the_page_the_text_says_how_to_make_it(tmp_path: Path) -> None:
    said = audits.page_links(tmp_path)["audit-page-pbc"]()
    assert "`leukoscope audit pbc --reader pbc --out audit`" in said


def test_with_the_page_it_is_linked_and_copied(tmp_path: Path) -> None:
    (tmp_path / "pages" / "pbc").mkdir(parents=True)
    (tmp_path / "pages" / "pbc" / "audit.html").write_text("page", encoding="utf-8")
    assert 'href="pages/pbc/audit.html"' in audits.page_links(tmp_path / "pages")["audit-page-pbc"]()
    audits.copy_pages(tmp_path / "built", tmp_path / "pages")
    copied = tmp_path / "built" / "audits" / "pages"
    assert [path.relative_to(copied).as_posix() for path in copied.rglob("*.*")] == ["pbc/audit.html"]


def test_a_page_of_findings_has_the_worst_first_and_no_picture() -> None:
    text = audits.findings_page("pbc", {"counts": COUNTS, "findings": FINDINGS})
    assert (
        text.index("## Errors")
        < text.index("### Pictures of one cell, of unknown patients")
        < text.index("## Notes")
        < text.index("### A note")
    )
    assert "## Warnings" not in text
    assert "| blast (ALL) | 1,200 | 3 |" in text
    assert "The audit of the part at hand found 1 error, 0 warnings, 1 note." in text
    assert r"A \*note\*." in text
    assert "*What to do:* Part them." in text
    assert "| U\\_7 | b\\|c |" in text
    assert "and 2 more." in text
    assert "| blast (ALL) |" in text.split("## Errors")[1]
    assert "x.png" not in text
    assert "1950" not in text
    assert "![" not in text


def test_only_what_is_at_hand_is_made_and_what_is_there_already_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(name: str, _real: Path, pages: Path) -> None:
        made.append(name)
        (pages / name).mkdir(parents=True)
        (pages / name / "audit.html").touch()
        (pages / name / "audit.json").write_text(
            '{"counts": {"usable": 0, "patients": null, "classes": []}, "findings": []}'
        )

    monkeypatch.setattr(script, "make", make)
    (tmp_path / "real" / "pbc").mkdir(parents=True)
    (tmp_path / "real" / "stranger").mkdir()
    places: dict[str, Any] = {"real": tmp_path / "real", "pages": tmp_path / "pages", "docs": tmp_path / "docs"}
    script.main(missing=True, **places)
    script.main(missing=True, **places)
    assert made == ["pbc"]
    assert not (tmp_path / "docs").exists()


def test_the_pages_in_words_are_written_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(name: str, _real: Path, pages: Path) -> None:
        (pages / name).mkdir(parents=True)
        (pages / name / "audit.json").write_text(
            '{"counts": {"usable": 0, "patients": null, "classes": []}, "findings": []}'
        )

    monkeypatch.setattr(script, "make", make)
    (tmp_path / "real" / "pbc").mkdir(parents=True)
    script.main(missing=False, real=tmp_path / "real", pages=tmp_path / "pages", docs=tmp_path / "docs")
    assert [path.name for path in (tmp_path / "docs" / "audits").iterdir()] == ["pbc.md"]


def test_no_page_in_words_holds_a_date_of_a_person(project: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((project / "docs" / "audits").glob("*.md"))}
    assert {path.stem for path in texts} == {*audits.SETS, "index"}
    # The day on which ages are counted is no one's.
    dates = {date for text in texts.values() for date in audits.DATE.findall(text)} - {"2021-01-01"}
    assert dates == set()


def test_git_ignores_where_the_pages_with_pictures_are_written(project: Path) -> None:
    page = audits.PAGES / "cnmc" / "audit.html"
    ignored = subprocess.run(["git", "check-ignore", "-q", str(page)], cwd=project, check=False)
    assert ignored.returncode == 0
