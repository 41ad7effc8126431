from __future__ import annotations

import pytest

from leukoscope.doctor import versions
from leukoscope.doctor.requirements import TESTED, Requirement
from leukoscope.doctor.row import Row
from leukoscope.doctor.versions import ask_versions


def row(name: str) -> Row:
    return next(row for row in ask_versions() if row.name == name)


def test_what_matters_is_named() -> None:
    assert [found.name for found in ask_versions()] == [
        "Python", "leukoscope", "torch", "torchvision", "timm", "polars", "numpy", "libraries", "tested versions",
    ]  # fmt: skip
    assert row("libraries").verdict == "ok"


def test_a_missing_or_old_library_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = [Requirement("no-such-package", (1,), None), Requirement("numpy", (999,), None)]
    monkeypatch.setattr(versions, "requirements", lambda: needed)
    found = row("libraries")
    assert found.verdict == "problem"
    assert found.value.startswith("missing: no-such-package, numpy ")
    assert found.value.endswith("(too old)")
    assert found.do == 'pip install --upgrade "leukoscope"'


def test_another_version_than_the_tested_one_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TESTED, "numpy", "1.0.0")
    found = row("tested versions")
    assert found.verdict == "note"
    assert "numpy " in found.value
    assert "(tested: 1.0.0)" in found.value
    assert list(found.facts["other"]) == ["numpy"]


def test_not_installed_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "requirements", list)
    assert row("leukoscope").verdict == "note"


def test_an_old_python_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "OLDEST_PYTHON", (99,))
    assert (row("Python").verdict, row("Python").do) == ("problem", "Install Python 3.11 or newer.")
