"""The page of the conformance suites lists every check."""

from __future__ import annotations

import re
from pathlib import Path

from leukoscope.testing.aggregator_checks.all_checks import CHECKS as OF_AGGREGATORS
from leukoscope.testing.check_reader import CHECKS
from leukoscope.testing.model_checks.all_checks import CHECKS as OF_MODELS


def test_every_check_has_its_row_in_order(pages: dict[Path, str], project: Path) -> None:
    text = pages[project / "docs" / "reference" / "testing.md"]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    names = [check.__name__ for check in (*CHECKS, *OF_AGGREGATORS, *OF_MODELS)]
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == names
