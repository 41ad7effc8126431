"""What can be told of the page's files without a browser."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

PAGE = Path(str(files("leukoscope"))) / "service" / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))


def test_nothing_inline_and_nothing_from_outside() -> None:
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)
    assert "Research use only; not a medical device" in page
    for path in PAGE.iterdir():
        links = re.findall(r"https?://[^\s\"'`)]+", path.read_text(encoding="utf-8"))
        assert set(links) <= {"http://www.w3.org/2000/svg"}, path.name


def test_every_file_that_is_named_is_there() -> None:
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:href|src)="page/([^"]+)"', page))
    for path in SCRIPTS:
        named |= set(re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")))
    assert named == {path.name for path in PAGE.iterdir()} - {"index.html"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text_or_keeps_anything(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    markup = r"innerHTML\s*\+?=(?!=)|insertAdjacentHTML|document\.write|eval\("
    kept = "localStorage|sessionStorage|indexedDB|document.cookie"
    assert not re.search(f"{markup}|{kept}", text)
