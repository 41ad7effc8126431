"""Bundles: a finished model as a folder, with everything that is needed to be right on a stranger's picture.

``save_bundle`` writes one, ``load_bundle`` reads and tests it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.bundles.bundle import Bundle
    from leukoscope.bundles.card import BundleCard
    from leukoscope.bundles.loading import load_bundle
    from leukoscope.bundles.saving import save_bundle

__all__ = ["Bundle", "BundleCard", "load_bundle", "save_bundle"]

_HOMES = {"Bundle": "bundle", "BundleCard": "card", "load_bundle": "loading", "save_bundle": "saving"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.bundles' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.bundles.{_HOMES[name]}"), name)
