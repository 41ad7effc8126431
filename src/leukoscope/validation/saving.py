"""A bundle with what was fitted anew, saved whole: new seals, its self-test passed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from leukoscope.bundles import save_bundle, save_ensemble
from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.errors import counted
from leukoscope.models.seen import seen_by_bundle, shortened
from leukoscope.validation.recalibrating import NONE, Refit


def save_recalibrated(
    bundle: AnyBundle, found: Refit, out: Path, *, about: dict[str, Any], home: dict[str, Any], seen: list[str]
) -> None:
    """Write a bundle that differs from another in calibration, threshold and referral alone.

    The pictures that it was recalibrated on count as seen; a bundle of several models lists them in its card.

    Args:
        bundle: The bundle as it was.
        found: What was fitted anew.
        out: Where to.
        about: The card's field ``recalibrated``.
        home: The card's field ``home``, its answers those of the rest.
        seen: The SHA-256 of the pictures that it was recalibrated on.

    Raises:
        BundleError: the bundle as it was is damaged.
    """
    if isinstance(bundle, Bundle):
        card = replace(bundle.card, recalibrated=about, home=home, **found.fields())
        pictures = seen_by_bundle(bundle.folder).pictures | shortened(seen)
        save_bundle(out, bundle.model, card, seen=pictures, reference=bundle.reference)
        return
    members = {name: bundle.folder / own for name, own in bundle.card.folders.items()}
    own = about | {"pictures": sorted(shortened(seen))}
    save_ensemble(out, members, replace(bundle.card, threshold=found.value, recalibrated=own, home=home))


def statement(bundle: AnyBundle, found: Refit, part: dict[str, int | None], *, data: str, share: float) -> str:
    """Return in a sentence on whom a bundle was recalibrated, and how.

    Args:
        bundle: The bundle as it was.
        found: What was fitted anew.
        part: From ``parting.of_part``.
        data: The data set's name.
        share: The share of it.
    """
    cells = counted(int(part["cells"] or 0), "cell")
    whom = f"{counted(part['patients'], 'patient')} ({cells})" if part["patients"] else cells
    kind = "as they were" if found.calibrator.kind == NONE else f"calibrated ({found.calibrator.kind})"
    said = f"recalibrated on {whom} of {data!r}, a share of {share:g}: probabilities {kind}"
    if found.value is None or bundle.threshold is None:
        return said
    return f"{said}, the threshold {bundle.threshold:.3f} became {found.value:.3f}"
