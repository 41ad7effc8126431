from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from leukoscope.doctor import requirements as asked
from leukoscope.doctor.requirements import TESTED, Requirement, numbers, parse_requirement, requirements, version_of

PROJECT = Path(__file__).parents[2]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_tested_versions_are_those_of_the_constraints() -> None:
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {plain(name): version for name, found, version in (line.partition("==") for line in lines) if found}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {plain(parse_requirement(line).name) for line in project["dependencies"]}
    assert {name: pins[name] for name in direct} == TESTED


@pytest.mark.parametrize(
    ("line", "name", "least", "extra"),
    [
        ("numpy>=2.0", "numpy", (2, 0), None),
        ("furo; extra == 'docs'", "furo", (), "docs"),
        ('ray[default]>=2.9,<3; python_version < "3.13" and extra == "scale"', "ray", (2, 9), "scale"),
        ("opencv-python-headless (>=4.10)", "opencv-python-headless", (4, 10), None),
    ],
)
def test_lines_of_metadata_are_read(line: str, name: str, least: tuple[int, ...], extra: str | None) -> None:
    assert parse_requirement(line) == Requirement(name, least, extra)


def test_the_own_requirements_are_found_and_met() -> None:
    found = requirements()
    assert {"torch", "polars"} <= {wanted.name for wanted in found if wanted.extra is None}
    assert all(wanted.is_met for wanted in found if wanted.extra is None)


def test_what_is_not_installed_or_too_old_is_not_met() -> None:
    assert version_of("no-such-package-at-all") is None
    assert not Requirement("no-such-package-at-all", (), None).is_met
    assert not Requirement("numpy", (999,), None).is_met
    assert numbers("not a version") == ()


def test_without_being_installed_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(asked.importlib.metadata, "requires", missing)
    assert requirements() == []
