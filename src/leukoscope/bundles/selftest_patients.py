"""The self-test of a bundle of patients: drawn bags with the logits that the bundle gave when it was saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.verdicts import fused_logits, verdicts
from leukoscope.errors import BundleError
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel

SIZES = (4, 3, 1)
"""The cells of each drawn patient: two of several, and one of a single cell."""
TOLERANCE = 1e-3
"""Largest difference of a logit, as a share of it where it is above 1: a bag adds up many cells' roundings."""

Framed = Callable[[Sequence[str]], Tensor]


def expected_of(names: list[str], framed: Framed, model: PatientModel, card: BundleCard) -> dict[str, Any]:
    """Return the drawn patients and what the model says of them, as JSON values.

    Their facts are the smallest and the largest that were met in training; the last patient lacks all.

    Args:
        names: The reference pictures, as many as the bags have cells or more.
        framed: What reads and frames pictures: (n, 3, h, w) float32 on the model's device, by their names.
        model: The network, in evaluation mode.
        card: Its card.
    """
    encoder = encoder_of(card)
    ends = np.cumsum(SIZES)
    bags: list[dict[str, Any]] = [
        {"pictures": names[end - size : end], "facts": _facts(encoder, place)}
        for place, (end, size) in enumerate(zip(ends.tolist(), SIZES, strict=True))
    ]
    for bag in bags:
        logits, shares = _said(bag, framed, model, card)
        bag |= {"logits": logits.tolist(), "probabilities": shares.tolist()}
    return {"tolerance": TOLERANCE, "bags": bags}


def refuse_other_logits(
    kept: dict[str, Any], framed: Framed, model: PatientModel, card: BundleCard, *, where: str, versions: str
) -> None:
    """Let the model diagnose the drawn patients again.

    Args:
        kept: What ``expected_of`` returned.
        framed: As for ``expected_of``.
        model: The network, on its device, in evaluation mode.
        card: Its card.
        where: The file of the expected values.
        versions: What to tell the user about other versions of the libraries; empty if they are the same.

    Raises:
        BundleError: a logit or a probability differs by more than the tolerance.
    """
    for number, bag in enumerate(kept["bags"], start=1):
        for what, said in zip(("logits", "probabilities"), _said(bag, framed, model, card), strict=True):
            expected = np.array(bag[what])
            allowed = kept["tolerance"] * np.maximum(1, np.abs(expected))
            # Not a number is never within the tolerance.
            wrong = np.flatnonzero(~(np.abs(said - expected) <= allowed))
            if wrong.size:
                place = int(wrong[0])
                raise BundleError(
                    f"The bundle does not give the results that it was saved with: of drawn patient {number} one of "
                    f"the {what} is {said[place]:.4f}, {expected[place]:.4f} was saved.",
                    where=where,
                    do=f"{versions or 'The libraries are the same; this machine computes otherwise.'} "
                    "Do not use it here.",
                )


def _said(bag: dict[str, Any], framed: Framed, model: PatientModel, card: BundleCard) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits and the probabilities of one drawn patient, (outputs,) and (k,) float64."""
    encoder = encoder_of(card)
    facts = None if encoder is None else encoder.encode(_table(bag["facts"], encoder))
    pixels = framed(bag["pictures"])
    sizes = torch.tensor([len(bag["pictures"])], device=pixels.device)
    inside = None if facts is None or model.fusion is None else torch.from_numpy(facts).to(pixels.device)
    with torch.inference_mode():
        logits = model(pixels, Bags(sizes), inside).double().cpu().numpy()
    shares = verdicts(card, ["drawn"], logits, facts).probabilities()
    return fused_logits(card, logits, facts)[0], shares[0]


def _facts(encoder: FactsEncoder | None, place: int) -> dict[str, Any]:
    if encoder is None:
        return {}
    return {fact.name: None if place == len(SIZES) - 1 else _ends(fact)[place] for fact in encoder.facts}


def _ends(fact: Any) -> tuple[Any, Any]:  # noqa: ANN401 - a fact of any kind
    return (fact.words[0], fact.words[-1]) if isinstance(fact, CategoryFact) else (fact.low, fact.high)


def _table(facts: dict[str, Any], encoder: FactsEncoder) -> pl.DataFrame:
    """Return the patients' table of one drawn patient."""
    kinds = {fact.name: pl.String() if isinstance(fact, CategoryFact) else pl.Float64() for fact in encoder.facts}
    columns = {name: pl.Series([facts[name]], dtype=kind) for name, kind in kinds.items()}
    return pl.DataFrame({"patient": ["drawn"], **columns})
