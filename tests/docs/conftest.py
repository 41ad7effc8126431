"""The documentation as the tests see it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
sys.path += [str(PROJECT / "docs" / "_ext"), str(PROJECT / "docs" / "pictures")]


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def pages() -> dict[Path, str]:
    """Return every page that a person wrote: path to text."""
    written = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    built = {PROJECT / "docs" / "_build", PROJECT / "docs" / "reference" / "generated"}
    written += [path for path in sorted((PROJECT / "docs").rglob("*.md")) if not built & set(path.parents)]
    return {path: path.read_text(encoding="utf-8") for path in written}
