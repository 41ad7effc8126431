"""Every finding is explained in the pages for people."""

from __future__ import annotations

import re
from pathlib import Path

from leukoscope.audit import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-the-audit.md"
OTHER_CODES = {"remarks": "decoder_remarks"}
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def test_each_finding_has_its_row() -> None:
    codes = [OTHER_CODES.get(check.__name__, check.__name__) for check in CHECKS]
    assert sorted(ROW.findall(PAGE.read_text(encoding="utf-8"))) == sorted(codes)


def test_the_table_of_flaws_names_findings_that_there_are() -> None:
    table = PAGE.read_text(encoding="utf-8").split("## From flaw to finding")[1]
    codes = {OTHER_CODES.get(check.__name__, check.__name__) for check in CHECKS}
    named = {name for line in table.splitlines() if line.startswith("| ") for name in re.findall(r"`(\w+)`", line)}
    assert named - codes == {"subtype"}
