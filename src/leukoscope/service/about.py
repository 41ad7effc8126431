"""``GET /v1/bundle``: what is served, what it takes, and what it was trained on."""

from __future__ import annotations

from typing import Any

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import RESEARCH_USE_ONLY, BundleCard
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.service.facts import asked_of, described
from leukoscope.service.limits import FIELDS, Limits
from leukoscope.service.served import Served


def about(served: Served) -> dict[str, Any]:
    """Return what a client must know of a bundle.

    Args:
        served: The bundle.
    """
    bundle, card = served.bundle, served.bundle.card
    height, width = models_of(bundle)[0].card.input_size
    return {
        "name": card.name,
        "task": card.task,
        "several_models": isinstance(bundle, EnsembleBundle),
        "purpose": purpose(bundle),
        "classes": _classes(bundle),
        "threshold": bundle.threshold,
        "band": card.band if isinstance(card, BundleCard) else None,
        "input": {"height": height, "width": width},
        "facts": [described(fact) for fact in asked_of(bundle)],
        "limits": limits_of(served.settings.limits),
        **_abilities(bundle),
        "methods": list(served.methods),
        "needs_token": served.settings.token is not None,
        "keeps": served.settings.keep is not None,
        "scores": card.scores,
        "trained_on": card.trained_on,
        "leakage": card.leakage,
        "research_use_only": RESEARCH_USE_ONLY,
    }


def purpose(bundle: AnyBundle) -> str:
    """Return what a bundle is for: what its run said of it, else a sentence made of its classes."""
    stated = bundle.card.about.get("purpose")
    if isinstance(stated, str):
        return stated
    classes = bundle.classes
    titles = [classes.title(name) for name in classes.names]
    either = f"{', '.join(titles[:-1])} or {titles[-1]}"
    if bundle.card.task == "cells":
        return f"Says of a picture of one blood cell what it shows: {either}."
    facts = " and their facts" if asked_of(bundle) else ""
    return f"Says of a patient, by pictures of their blood cells{facts}: {either}."


def limits_of(limits: Limits) -> dict[str, float]:
    """Return what a request may be at most."""
    return {
        "megabytes": limits.megabytes,
        "pictures": limits.pictures,
        "megapixels": limits.megapixels,
        "seconds": limits.seconds,
        "fields": FIELDS,
    }


def _classes(bundle: AnyBundle) -> list[dict[str, Any]]:
    classes = bundle.classes
    return [
        {"name": name, "title": classes.title(name), "positive": name == classes.positive} for name in classes.names
    ]


def _abilities(bundle: AnyBundle) -> dict[str, bool]:
    references = [model.reference for model in models_of(bundle) if model.reference is not None]
    card = bundle.card if isinstance(bundle, Bundle) else None
    return {
        "calibrated": card is not None and card.calibrator is not None,
        "refers": card is not None and (card.confidence is not None or card.band is not None),
        "flags": bool(references),
        "reference_pictures": any(reference.pictures for reference in references),
    }
