"""Bundles: a finished model as a folder, with everything that is needed to be right on a stranger's picture.

``save_bundle`` writes one of one model, ``save_ensemble`` one of several; ``open_bundle`` reads and tests either,
``load_bundle`` one of one model; ``write_model_card`` writes again what a bundle says for people.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.bundles.bundle import Bundle
    from leukoscope.bundles.card import BundleCard
    from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle
    from leukoscope.bundles.ensemble_card import EnsembleCard
    from leukoscope.bundles.ensemble_saving import save_ensemble
    from leukoscope.bundles.loading import load_bundle
    from leukoscope.bundles.model_card import write_model_card
    from leukoscope.bundles.opening import open_bundle
    from leukoscope.bundles.saving import save_bundle

__all__ = [
    "AnyBundle",
    "Bundle",
    "BundleCard",
    "EnsembleBundle",
    "EnsembleCard",
    "load_bundle",
    "open_bundle",
    "save_bundle",
    "save_ensemble",
    "write_model_card",
]

_HOMES = {
    "AnyBundle": "ensemble_bundle",
    "Bundle": "bundle",
    "BundleCard": "card",
    "EnsembleBundle": "ensemble_bundle",
    "EnsembleCard": "ensemble_card",
    "load_bundle": "loading",
    "open_bundle": "opening",
    "save_bundle": "saving",
    "save_ensemble": "ensemble_saving",
    "write_model_card": "model_card",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.bundles' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.bundles.{_HOMES[name]}"), name)
