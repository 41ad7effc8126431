from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

Tree = Callable[[Iterable[str]], Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Make empty files beneath a folder: readers open no pictures."""

    def make(paths: Iterable[str]) -> Path:
        for path in paths:
            file = tmp_path / "data" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return tmp_path / "data"

    return make
