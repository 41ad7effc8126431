"""The self-test of a bundle of patients: drawn bags with the logits that the bundle gave when it was saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.suspects import Change, Floats, Saved, by_class, likely_reason, way_on
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
        logits, shares = _said(bag, framed(bag["pictures"]), model, card)
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
        BundleError: a logit or a probability differs by more than the tolerance; the likely reason is said where one is
            found.
    """
    for number, bag in enumerate(kept["bags"], start=1):
        answers = _said(bag, framed(bag["pictures"]), model, card)
        for what, said in zip(("logits", "probabilities"), answers, strict=True):
            expected = np.array(bag[what])
            wrong = np.flatnonzero(Saved(expected, kept["tolerance"], relative=True).wrong(said))
            if wrong.size:
                place, reason = int(wrong[0]), _reason(kept, framed, model, card)
                raise BundleError(
                    f"The bundle does not give the results that it was saved with: of drawn patient {number} one of "
                    f"the {what} is {said[place]:.4f}, {expected[place]:.4f} was saved."
                    + (f" {reason}" if reason else ""),
                    where=where,
                    do=way_on(reason, versions),
                )


def _reason(kept: dict[str, Any], framed: Framed, model: PatientModel, card: BundleCard) -> str | None:
    bags, classes = kept["bags"], card.classes
    pixels = [framed(bag["pictures"]) for bag in bags]

    def say(change: Change) -> Floats:
        answers = [_answer(bag, change(cells), model, card) for bag, cells in zip(bags, pixels, strict=True)]
        return by_class(np.concatenate([fused_logits(card, logits, facts) for logits, facts in answers]), classes)

    then = by_class(np.array([bag["logits"] for bag in bags]), classes)
    return likely_reason(say, [model.cells], Saved(then, kept["tolerance"], relative=True), classes)


def _said(bag: dict[str, Any], pixels: Tensor, model: PatientModel, card: BundleCard) -> tuple[Floats, Floats]:
    """Return the logits and the probabilities of one drawn patient of these cells, (outputs,) and (k,) float64."""
    logits, facts = _answer(bag, pixels, model, card)
    shares = verdicts(card, ["drawn"], logits, facts).probabilities()
    return fused_logits(card, logits, facts)[0], shares[0]


def _answer(
    bag: dict[str, Any], pixels: Tensor, model: PatientModel, card: BundleCard
) -> tuple[Floats, npt.NDArray[np.float32] | None]:
    """Return the network's logits for one drawn patient, (1, outputs) float64, and the facts, (1, f), if any count."""
    encoder = encoder_of(card)
    facts = None if encoder is None else encoder.encode(_table(bag["facts"], encoder))
    sizes = torch.tensor([len(pixels)], device=pixels.device)
    inside = None if facts is None or model.fusion is None else torch.from_numpy(facts).to(pixels.device)
    with torch.inference_mode():
        return model(pixels, Bags(sizes), inside).double().cpu().numpy(), facts


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
