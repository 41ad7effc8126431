"""What Leukoscope says that it needs: its installed metadata, and the versions that were tested together."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass

PACKAGE = "leukoscope"
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(?P<versions>[^;]*?)\s*(?:;(?P<marker>.*))?$")
AT_LEAST = re.compile(r">=\s*(?P<version>[0-9.]+)")
EXTRA = re.compile(r"""extra\s*==\s*["'](?P<extra>[^"']+)["']""")
# The same as in constraints.txt; what the whole test suite was run with.
TESTED = {
    "captum": "0.9.0",
    "filelock": "4.2.11",
    "huggingface-hub": "2.4.0",
    "jinja2": "3.1.6",
    "matplotlib": "3.11.2",
    "numpy": "2.4.6",
    "opencv-python-headless": "5.0.0.93",
    "pillow": "13.0.0",
    "polars": "2.1.0",
    "pyarrow": "26.0.1",
    "pydantic": "2.14.3",
    "pyyaml": "6.0.3",
    "rich": "15.0.0",
    "safetensors": "0.8.0",
    "scikit-image": "0.26.0",
    "scikit-learn": "1.9.1",
    "scipy": "1.17.1",
    "threadpoolctl": "3.8.0",
    "tifffile": "2026.3.3",
    "timm": "1.0.31",
    "torch": "2.13.0",
    "torchvision": "0.28.0",
    "typer": "0.29.2",
}


@dataclass(frozen=True)
class Requirement:
    """A package that is needed.

    Args:
        name: Its name on the package index.
        least: The lowest version that will do, in numbers; empty where any will.
        extra: The extra that needs it; None for Leukoscope itself.
    """

    name: str
    least: tuple[int, ...]
    extra: str | None

    @property
    def installed(self) -> str | None:
        """The version that is installed; None where none is."""
        return version_of(self.name)

    @property
    def is_met(self) -> bool:
        """Whether it is installed, and not too old."""
        return self.installed is not None and numbers(self.installed) >= self.least


def parse_requirement(text: str) -> Requirement:
    """Read a line of a package's metadata.

    Example:
        >>> parse_requirement('fastapi>=0.110; extra == "serve"')
        Requirement(name='fastapi', least=(0, 110), extra='serve')
    """
    found = REQUIREMENT.match(text)
    assert found is not None, text
    least = AT_LEAST.search(found["versions"] or "")
    extra = EXTRA.search(found["marker"] or "")
    return Requirement(found["name"], numbers(least["version"]) if least else (), extra["extra"] if extra else None)


def requirements() -> list[Requirement]:
    """Return all that the installed Leukoscope asks for, extras included; empty where it is not installed."""
    try:
        return [parse_requirement(line) for line in importlib.metadata.requires(PACKAGE) or ()]
    except importlib.metadata.PackageNotFoundError:
        return []


def version_of(package: str) -> str | None:
    """Return the installed version of a package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with.

    Example:
        >>> numbers("2.13.0+cpu"), numbers("1.0rc1")
        ((2, 13, 0), (1, 0))
    """
    release = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
