"""A study of tiny drawn cells, done once: two learning rates, two seeds, with the published protocol beside."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from leukoscope.studies import Plan, Study, plan, sweep

TINY: dict[str, Any] = {
    "drawn.patients": 16,
    "drawn.cells": 6,
    "drawn.size": 32,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 2,
    "split.kind": "repeated",
    "split.test": 0.5,
    "split.validation": 0.4,
    "about.best_epochs": 10,
}
GRID = {"stages.0.rates": [1e-3, 1e-2]}


@pytest.fixture(autouse=True)
def without_single_pages(no_pages: None) -> None:
    """Studies have a page of their own, which is looked at here."""


@pytest.fixture(scope="session")
def tiny() -> Plan:
    return plan("drawn", 2, GRID, changes=TINY)


@pytest.fixture(scope="session")
def study(
    tiny: Plan, tmp_path_factory: pytest.TempPathFactory, quickly: Callable[[], AbstractContextManager[None]]
) -> Study:
    folder = tmp_path_factory.mktemp("studies") / "study"
    with quickly():
        return sweep(tiny, None, folder, peek=True, command="leukoscope sweep drawn")


@pytest.fixture
def copied(study: Study, tmp_path: Path) -> Path:
    """Return a copy of the study's folder, to be changed."""
    return Path(shutil.copytree(study.folder, tmp_path / "study"))
