"""The self-test of a bundle of several models: drawn cells from the file to the common answer.

Each member has passed a self-test of its own before. Here the members must say of common pictures what they said, up to
the rounding of other machines, and the rule must make the very same of what was saved of them: a rule that jumps where
two members are equally sure is not blamed for the rounding of networks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, shares_of_member
from leukoscope.bundles.selftest import (
    EXPECTED,
    FOLDER,
    TOLERANCE,
    exactly,
    refuse_other_classes,
    shares_of,
    side_of,
    write_pictures,
)
from leukoscope.ensembles.rows import Floats
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_json
from leukoscope.models.cell_model import CellModel

RULE_TOLERANCE = 1e-6
"""Largest difference of a probability that a rule makes of the same numbers."""


def write_ensemble_selftest(folder: Path, bundle: EnsembleBundle) -> None:
    """Write reference pictures, and what the members and the rule say of them.

    Args:
        folder: The bundle's.
        bundle: The bundle, on the processor.
    """
    names = write_pictures(folder, max(side_of(model.card) for model in bundle.models))
    with exactly():
        said = np.stack([_said(folder, names, member) for member in bundle.members])
    members = {name: values.tolist() for name, values in zip(bundle.card.members, said, strict=True)}
    kept = {
        "classes": list(bundle.classes.names),
        "tolerance": TOLERANCE,
        "rule_tolerance": RULE_TOLERANCE,
        "pictures": names,
        "members": members,
        "probabilities": bundle.fitted.combine(said).tolist(),
    }
    write_json(folder / FOLDER / EXPECTED, kept)


def run_ensemble_selftest(folder: Path, bundle: EnsembleBundle, versions: str) -> None:
    """Let the members look at the reference pictures again, and the rule combine what they said.

    Args:
        folder: The bundle's.
        bundle: The bundle, on its device.
        versions: What differs between the libraries then and now, for the error; empty if nothing.

    Raises:
        BundleError: a probability differs by more than the tolerance.
    """
    kept: dict[str, Any] = read_json(folder / FOLDER / EXPECTED)
    refuse_other_classes(kept, bundle.classes, where=str(folder / FOLDER / EXPECTED))
    saved = {name: np.array(values) for name, values in kept["members"].items()}
    found = None
    with exactly():
        for name, member in zip(bundle.card.members, bundle.members, strict=True):
            said = _said(folder, kept["pictures"], member)
            found = found or _difference(said, saved[name], kept["tolerance"], f"its member {name!r}", bundle)
    common = bundle.fitted.combine(np.stack([saved[name] for name in bundle.card.members]))
    expected, rule = np.array(kept["probabilities"]), f"its rule {bundle.card.rule!r}"
    found = found or _difference(common, expected, kept["rule_tolerance"], rule, bundle)
    if found is not None:
        raise BundleError(
            f"The bundle does not give the results that it was saved with: {found}",
            where=str(folder / FOLDER / EXPECTED),
            do=f"{versions or 'The libraries are the same; this machine computes otherwise.'} Do not use it here.",
        )


def _difference(said: Floats, expected: Floats, tolerance: float, what: str, bundle: EnsembleBundle) -> str | None:
    """Return the first probability that differs by more than the tolerance, in words; None where none does."""
    # Not a number is never within the tolerance.
    wrong = np.argwhere(~(np.abs(said - expected) <= tolerance))
    if not wrong.size:
        return None
    picture, place = wrong[0].tolist()
    return (
        f"{what} gives {bundle.classes.names[place]!r} {said[picture, place]:.4f}, "
        f"{expected[picture, place]:.4f} was saved."
    )


def _said(folder: Path, names: list[str], member: AnyBundle) -> Floats:
    """Return what a member says of reference pictures, (n, k) float64."""

    def of_model(model: Bundle) -> Floats:
        assert isinstance(model.model, CellModel), "a member that diagnoses patients is refused before"
        return shares_of(folder, names, model.model, model.card)

    return shares_of_member(member, of_model)
