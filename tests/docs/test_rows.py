"""Whatever can be named has its row in the pages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from leukoscope.cli.main import VERBS
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.splits import SPLITTERS

ROW = re.compile(r"^\|\s*\[?`(?P<name>[^`]+)`")


def rows(page: str) -> list[str]:
    """Return the first name of each row of a page's tables."""
    return [found["name"] for line in page.splitlines() if (found := ROW.match(line))]


def test_every_reader_has_its_row_in_order(pages: dict[Path, str], project: Path) -> None:
    assert rows(pages[project / "docs" / "datasets.md"]) == list(READERS)


def test_every_verb_has_its_row(pages: dict[Path, str], project: Path) -> None:
    assert sorted(rows(pages[project / "docs" / "reference" / "command-line.md"])) == sorted(VERBS)


def test_every_kind_of_split_has_its_row(pages: dict[Path, str], project: Path) -> None:
    page = pages[project / "docs" / "how-to" / "splits-that-do-not-leak.md"]
    assert rows(page.split("## What stays together")[0]) == list(SPLITTERS)


def test_the_rooms_are_those_that_the_linter_knows(pages: dict[Path, str], project: Path) -> None:
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    known = [{name.strip().removeprefix("leukoscope.") for name in layer.split("|")} for layer in layers]
    text = pages[project / "docs" / "architecture.md"].split("## Rooms")[1].split("\n## ")[0]
    written = [
        {name.removesuffix("/").removesuffix(".py") for name in re.findall(r"`([^`]+)`", line.split("|")[2])}
        for line in text.splitlines()
        if re.match(r"\|\s*(\d|\N{EN DASH})", line)
    ]
    *floors, files, errors = known
    assert written == [*floors, files | errors]


def test_every_section_of_a_report_has_its_row(pages: dict[Path, str], project: Path) -> None:
    templates = sorted((project / "src" / "leukoscope" / "reports").glob("page_*.html"))
    titles = {title for path in templates for title in re.findall(r"<h2>(.*?)</h2>", path.read_text(encoding="utf-8"))}
    table = pages[project / "docs" / "how-to" / "read-the-report.md"].split("## Further down")[1]
    written = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")}
    assert written - {"section"} == titles


def test_every_room_has_its_page(pages: dict[Path, str], project: Path) -> None:
    folders = {path.parent.name for path in (project / "src" / "leukoscope").glob("*/__init__.py")} - {"cli"}
    assert {name for name in folders if project / "docs" / "reference" / f"{name}.md" not in pages} == set()
