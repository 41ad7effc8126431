from __future__ import annotations

import re
from pathlib import Path

import pytest

from leukoscope.reports.audit_titles import TITLES, finding_title

PROJECT = Path(__file__).parents[2]
LONGEST = 60


def test_every_finding_of_the_docs_has_a_title() -> None:
    text = (PROJECT / "docs" / "how-to" / "read-the-audit.md").read_text(encoding="utf-8")
    tables = text.split("## What is there")[1].split("## From flaw to finding")[0]
    codes = set(re.findall(r"^\| `(\w+)`", tables, re.MULTILINE))
    assert codes
    assert codes <= set(TITLES)


def test_every_code_of_a_check_has_a_title() -> None:
    checks = sorted((PROJECT / "src" / "leukoscope" / "audit" / "checks").glob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in checks]
    codes = {code for text in texts for code in re.findall(r"(?:Finding|told)\(\s*\"(\w+)\"", text)}
    assert len(codes) > len(TITLES) / 2
    assert codes <= set(TITLES)


@pytest.mark.parametrize("code", TITLES)
def test_a_title_is_short_and_no_other_has_it(code: str) -> None:
    assert 0 < len(finding_title(code)) <= LONGEST
    assert list(TITLES.values()).count(TITLES[code]) == 1
    assert "_" not in TITLES[code]
