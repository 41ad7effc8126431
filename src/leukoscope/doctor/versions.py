"""Which versions are installed, whether all that is needed is there, and whether it is what was tested."""

from __future__ import annotations

import platform
import sys

from leukoscope.doctor.requirements import PACKAGE, TESTED, Requirement, numbers, requirements, version_of
from leukoscope.doctor.row import Row

TOPIC = "versions"
SHOWN = ("torch", "torchvision", "timm", "polars", "numpy")
OLDEST_PYTHON = (3, 11)


def ask_versions() -> list[Row]:
    """Return Python, Leukoscope, the libraries that matter most, what is missing, and what differs from the tests."""
    needed = [wanted for wanted in requirements() if wanted.extra is None]
    shown = [_library(wanted) for name in SHOWN for wanted in needed if wanted.name == name]
    return [_python(), _own(needed), *shown, _missing(needed), _tested(needed)]


def _python() -> Row:
    value = f"{platform.python_version()} on {platform.system()} ({platform.machine()})"
    facts = {"version": platform.python_version(), "executable": sys.executable, "platform": platform.platform()}
    if sys.version_info < OLDEST_PYTHON:
        return Row(TOPIC, "Python", value, "problem", "Install Python 3.11 or newer.", facts)
    return Row(TOPIC, "Python", value, facts=facts)


def _own(needed: list[Requirement]) -> Row:
    version = version_of(PACKAGE)
    facts = {"version": version}
    if version is None or not needed:
        value = "used from its source folder without being installed, so what it needs can't be looked up"
        return Row(TOPIC, PACKAGE, value, "note", "pip install -e . in its folder", facts)
    return Row(TOPIC, PACKAGE, version, facts=facts)


def _library(wanted: Requirement) -> Row:
    facts = {"version": wanted.installed, "tested": TESTED.get(wanted.name)}
    return Row(TOPIC, wanted.name, wanted.installed or "not installed", facts=facts)


def _missing(needed: list[Requirement]) -> Row:
    unmet = [wanted for wanted in needed if not wanted.is_met]
    if not unmet:
        return Row(TOPIC, "libraries", f"all {len(needed)} that are needed are installed", facts={"unmet": []})
    told = ", ".join(
        f"{wanted.name} {wanted.installed} (too old)" if wanted.installed else wanted.name for wanted in unmet
    )
    do = 'pip install --upgrade "leukoscope"'
    return Row(TOPIC, "libraries", f"missing: {told}", "problem", do, {"unmet": [wanted.name for wanted in unmet]})


def _tested(needed: list[Requirement]) -> Row:
    other = {
        wanted.name: wanted.installed
        for wanted in needed
        if wanted.name in TESTED
        and wanted.installed is not None
        and numbers(wanted.installed) != numbers(TESTED[wanted.name])
    }
    name = "tested versions"
    if not other:
        return Row(TOPIC, name, "the libraries are those that the tests were run with", facts={"other": {}})
    told = ", ".join(f"{name} {version} (tested: {TESTED[name]})" for name, version in other.items())
    do = "Nothing, unless results differ: pip install -c constraints.txt leukoscope takes the tested ones."
    return Row(TOPIC, name, f"others than the tested ones: {told}", "note", do, {"other": other})
