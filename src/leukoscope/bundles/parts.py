"""The files of a bundle, and whether they are as they were saved."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from leukoscope.errors import BundleError
from leukoscope.files import sha256

FORMATS = {"cells": 1, "patients": 2}
"""The format of a bundle of each task: what reads patients' bundles reads all bundles of cells too."""
FORMAT = max(FORMATS.values())
"""The newest format that this version reads."""
CARD, WEIGHTS = "bundle.json", "weights.safetensors"
VERSIONED = ("leukoscope", "torch", "timm", "numpy", "opencv-python-headless", "pillow")
"""The libraries that a bundle's results depend on."""


def versions() -> dict[str, str]:
    """Return the versions of the libraries that a bundle's results depend on."""
    installed = {found.metadata["Name"].lower(): found.version for found in importlib.metadata.distributions()}
    return {name: installed.get(name, "not installed") for name in VERSIONED}


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
