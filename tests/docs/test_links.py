"""What the pages point to is there."""

from __future__ import annotations

import re
from pathlib import Path

from generated_pages import PIECES

LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)\s]*)?\)")
INCLUDE = re.compile(r"^```\{include\} (?P<target>\S+)$", re.MULTILINE)
CODE = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"[A-Z]{4,}|mine|test_mine|\*")
MADE_BY_THE_BUILD = "generated/"
NOT_YET = {"models/aggregators/"}
"""Rooms that a page names as not yet there."""
OF_A_RUN = (".parquet", ".png")
"""Endings of files in a run's folder, which has rooms of the same names."""


def test_every_link_and_picture_is_there(pages: dict[Path, str]) -> None:
    missing = [
        f"{path.name}: {found['target']}"
        for path, text in pages.items()
        for found in LINK.finditer(text)
        if "://" not in found["target"] and not (path.parent / found["target"]).exists()
    ]
    assert missing == []


def test_every_page_that_is_included_is_there_or_made_by_the_build(pages: dict[Path, str]) -> None:
    missing = [
        f"{path.name}: {found['target']}"
        for path, text in pages.items()
        for found in INCLUDE.finditer(text)
        if not (path.parent / found["target"]).exists()
        and not (MADE_BY_THE_BUILD in found["target"] and Path(found["target"]).stem in PIECES)
    ]
    assert missing == []


def test_every_piece_that_the_build_makes_stands_on_exactly_one_page(pages: dict[Path, str]) -> None:
    included = [Path(found["target"]).stem for text in pages.values() for found in INCLUDE.finditer(text)]
    assert sorted(name for name in included if name in PIECES) == sorted(PIECES)


def test_every_file_of_the_project_that_is_named_is_there(pages: dict[Path, str], project: Path) -> None:
    package = project / "src" / "leukoscope"
    tops = {path.name for home in (project, package) for path in home.iterdir() if path.is_dir()} - {"runs"}
    missing = []
    for page, text in pages.items():
        for found in CODE.finditer(FENCED.sub("", text)):
            named = found["text"]
            if (
                "/" not in named
                or named.split("/")[0] not in tops
                or named in NOT_YET | {""}
                or named.endswith(OF_A_RUN)
            ):
                continue
            wanted = named.rpartition("/")[0] if PLACEHOLDER.search(named.rpartition("/")[2]) else named
            if not PLACEHOLDER.search(wanted) and not any((home / wanted).exists() for home in (project, package)):
                missing.append(f"{page.name}: {named}")
    assert missing == []


def test_no_page_names_a_place_on_somebody_s_machine(pages: dict[Path, str]) -> None:
    absolute = re.compile(r"(?<![\w.…)>/])/(?:home|root|work|tmp|Users|mnt|opt|srv)/\S*")
    assert [f"{path.name}: {found[0]}" for path, text in pages.items() for found in absolute.finditer(text)] == []
