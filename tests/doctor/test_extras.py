from __future__ import annotations

import pytest

from leukoscope.doctor import extras
from leukoscope.doctor.extras import ask_extras, extra_row
from leukoscope.doctor.requirements import Requirement


def test_a_complete_extra_is_fine() -> None:
    row = extra_row("track", [Requirement("numpy", (1,), "track")])
    assert (row.value, row.verdict, row.do) == ("complete (records of runs in MLflow)", "ok", None)


def test_a_missing_extra_comes_with_its_command() -> None:
    row = extra_row("serve", [Requirement("no-such-package", (), "serve"), Requirement("numpy", (), "serve")])
    assert row.value == "missing: no-such-package (the HTTP service and its page)"
    assert (row.verdict, row.do) == ("note", 'pip install "leukoscope[serve]"')
    assert row.facts == {"missing": ["no-such-package"], "needed": ["no-such-package", "numpy"]}


def test_extras_are_those_of_the_metadata_in_a_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = [Requirement("numpy", (), name) for name in (None, "docs", "own", "serve")]
    monkeypatch.setattr(extras, "requirements", lambda: needed)
    assert [row.name for row in ask_extras()] == ["serve", "docs", "own"]
