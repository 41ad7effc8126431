"""The self-test of a bundle of several models: drawn cells from the file to the common answer.

Each member has passed a self-test of its own before. Here the members must say of common pictures what they said, up to
the rounding of other machines, and the rule must make the very same of what was saved of them: a rule that jumps where
two members are equally sure is not blamed for the rounding of networks.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of, shares_of_member
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
from leukoscope.bundles.suspects import Change, Saved, likely_reason, unchanged, way_on
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_json
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import cells_of

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
        BundleError: the classes are others than the self-test's, or a probability differs by more than the tolerance;
            of a member the likely reason is said where one is found.
    """
    where = str(folder / FOLDER / EXPECTED)
    kept: dict[str, Any] = read_json(folder / FOLDER / EXPECTED)
    refuse_other_classes(kept, bundle.classes, where=where)
    with exactly():
        found = _other_member(kept, folder, bundle) or _other_rule(kept, bundle)
    if found is not None:
        difference, reason = found
        raise BundleError(
            f"The bundle does not give the results that it was saved with: {difference}"
            + (f" {reason}" if reason else ""),
            where=where,
            do=way_on(reason, versions),
        )


def _other_member(kept: dict[str, Any], folder: Path, bundle: EnsembleBundle) -> tuple[str, str | None] | None:
    """Return what the first member that says something else says, and the likely reason; None where none does."""
    for name, member in zip(bundle.card.members, bundle.members, strict=True):
        say = partial(_said, folder, kept["pictures"], member)
        said, saved = say(unchanged), Saved(np.array(kept["members"][name]), kept["tolerance"])
        if not saved.fits(said):
            networks = [cells_of(model.model) for model in models_of(member)]
            reason = likely_reason(say, networks, saved, bundle.classes)
            return _difference(said, saved, f"its member {name!r}", bundle.classes), reason
    return None


def _other_rule(kept: dict[str, Any], bundle: EnsembleBundle) -> tuple[str, None] | None:
    """Return what the rule makes of what was saved of the members, where that is something else."""
    common = bundle.fitted.combine(np.stack([np.array(kept["members"][name]) for name in bundle.card.members]))
    saved = Saved(np.array(kept["probabilities"]), kept["rule_tolerance"])
    if saved.fits(common):
        return None
    return _difference(common, saved, f"its rule {bundle.card.rule!r}", bundle.classes), None


def _difference(said: Floats, saved: Saved, what: str, classes: Classes) -> str:
    """Return the first probability that differs by more than the tolerance, in words."""
    picture, place = np.argwhere(saved.wrong(said))[0].tolist()
    return (
        f"{what} gives {classes.names[place]!r} {said[picture, place]:.4f}, "
        f"{saved.values[picture, place]:.4f} was saved."
    )


def _said(folder: Path, names: list[str], member: AnyBundle, change: Change = unchanged) -> Floats:
    """Return what a member says of reference pictures, each changed after its framing, (n, k) float64."""

    def of_model(model: Bundle) -> Floats:
        assert isinstance(model.model, CellModel), "a member that diagnoses patients is refused before"
        return shares_of(folder, names, model.model, model.card, change)

    return shares_of_member(member, of_model)
