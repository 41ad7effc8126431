"""A bundle in memory: the network and its card."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from leukoscope.bundles.card import RESEARCH_USE_ONLY, BundleCard
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.reference import Reference
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.confidence import Confidence
from leukoscope.models.network import Network
from leukoscope.pictures.framing import Framing


@dataclass(frozen=True, eq=False)
class Bundle:
    """A finished model that has passed its self-test.

    Args:
        folder: Where it was read from.
        card: What it is.
        model: The network, in evaluation mode, on its device.
        reference: The training cells that others are held beside; None where it has none: nothing is flagged then.
    """

    folder: Path
    card: BundleCard
    model: Network
    reference: Reference | None = None

    @property
    def classes(self) -> Classes:
        """The classes, in the order of the outputs."""
        return self.card.classes

    @property
    def framing(self) -> Framing:
        """The way from a decoded picture to the network's input."""
        return self.card.framing

    @property
    def threshold(self) -> float | None:
        """From which probability of the positive class on it is called; None for more than two classes."""
        return self.card.threshold

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.model.mean.device

    def __repr__(self) -> str:
        card, (height, width) = self.card, self.card.input_size
        lines = [f"Bundle {card.name!r}: {card.model.backbone}, pictures of {height} x {width} px"]
        lines += [] if card.task == "cells" else [f"  {_diagnosis(card)}"]
        return "\n".join([*lines, *_certainty(card), *lines_of(card)])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def lines_of(card: BundleCard | EnsembleCard) -> list[str]:
    """Return what a bundle of either kind says of itself below its first line: leakage, classes, scores, use."""
    named = [f"{name} = {card.classes.title(name)}" for name in card.classes.names]
    lines = [f"  LEAKAGE: {card.leakage}"] if card.leakage else []
    lines += [f"  classes: {', '.join(named)}"]
    lines += [] if card.threshold is None else [f"  {card.classes.positive} from {card.threshold:.3f} on"]
    lines += [f"  trained on: {_listed(card.trained_on)}"] if card.trained_on else []
    lines += [f"  test: {_listed(card.scores)}"] if card.scores else []
    lines += [f"  {card.recalibrated['statement']}"] if card.recalibrated else []
    return [*lines, f"  {RESEARCH_USE_ONLY}"]


def _certainty(card: BundleCard) -> list[str]:
    """Return whether probabilities are calibrated, and which cells are referred."""
    lines = [] if card.calibrator is None else [f"  probabilities are calibrated ({card.calibrator['kind']})"]
    return lines + ([] if card.confidence is None else [f"  {Confidence.from_json(card.confidence)}"])


def _diagnosis(card: BundleCard) -> str:
    """Return in words how a patient is diagnosed."""
    spec = card.bag.aggregator
    name = spec if isinstance(spec, str) else ", ".join(spec)
    facts = f"; with {', '.join(card.facts.inputs)} ({card.facts.fusion})" if card.takes_facts else ""
    return f"diagnoses patients: {name} over {card.bag.instances}{facts}"


def _listed(values: dict[str, Any]) -> str:
    """Return short values and scores in words; lists and hashes are for machines."""
    shown = []
    for name, value in values.items():
        number = value.get("value") if isinstance(value, dict) else value
        if isinstance(number, float):
            shown.append(f"{name.replace('_', ' ')} {number:.3f}")
        elif isinstance(number, int | str) and "sha256" not in name:
            shown.append(f"{name.replace('_', ' ')} {number}")
    return ", ".join(shown)
