"""The files of a bundle, and whether they are as they were saved."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from pathlib import Path

from leukoscope.errors import BundleError, SettingsError
from leukoscope.files import sha256

FORMATS = {"cells": 1, "patients": 2, "ensemble": 3}
"""The format of a bundle of each kind: what reads those of ensembles reads all others too."""
FORMAT = max(FORMATS.values())
"""The newest format that this version reads."""
CARD, WEIGHTS = "bundle.json", "weights.safetensors"
VERSIONED = ("leukoscope", "torch", "timm", "numpy", "opencv-python-headless", "pillow")
"""The libraries that a bundle's results depend on."""


def versions() -> dict[str, str]:
    """Return the versions of the libraries that a bundle's results depend on."""
    return {name: _version_of(name) for name in VERSIONED}


@cache
def _version_of(name: str) -> str:
    # A library that is imported already stays the one it is, so the disk is asked once.
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def differences(kept: dict[str, str]) -> str:
    """Return what to tell of libraries whose versions are not those that a bundle was saved with; empty for none.

    Args:
        kept: What ``versions`` returned then.
    """
    now = versions()
    changed = [f"{name} {kept[name]} (here {now.get(name)})" for name in kept if kept[name] != now.get(name)]
    return f"It was saved with {', '.join(changed)}; try those versions." if changed else ""


def refuse_other_content(folder: Path) -> None:
    """Refuse to put a bundle where something else lies.

    Raises:
        SettingsError: the folder is not new, not empty, and no earlier bundle.
    """
    if folder.exists() and not (folder / CARD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError("This folder holds something else than a bundle.", where=str(folder), do="Name another.")


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file but ``bundle.json``, by its path within the bundle, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CARD)
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}


def refuse_changed_files(folder: Path, kept: dict[str, str]) -> None:
    """Compare the files with what was saved; further files do no harm.

    Raises:
        BundleError: a file is missing or another.
    """
    missing = [name for name in kept if not (folder / name).is_file()]
    if missing:
        raise BundleError(
            "A file of the bundle is missing; it was probably not copied whole.",
            where=str(folder / missing[0]),
            more=len(missing) - 1,
            do="Copy the bundle's folder again.",
        )
    changed = [name for name, digest in kept.items() if sha256(folder / name) != digest]
    if changed:
        raise BundleError(
            "A file of the bundle is not the one that was saved; it was cut off in copying, or belongs to another.",
            where=str(folder / changed[0]),
            more=len(changed) - 1,
            do="Copy the bundle's folder again.",
        )
