"""A bundle of several models in memory: its members, and the fitted rule that makes one answer of theirs."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from leukoscope.bundles.bundle import Bundle, lines_of
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats
from leukoscope.ensembles.rule import Fitted


@dataclass(frozen=True, eq=False)
class EnsembleBundle:
    """Several finished models of cells and their rule, which have passed their self-tests.

    Args:
        folder: Where it was read from.
        card: What it is.
        members: The members, in the card's order; one may be made of several again.
        fitted: The rule, as it was fitted.
    """

    folder: Path
    card: EnsembleCard
    members: tuple[Bundle | EnsembleBundle, ...]
    fitted: Fitted

    @property
    def classes(self) -> Classes:
        """The classes, in the order of the probabilities."""
        return self.card.classes

    @property
    def threshold(self) -> float | None:
        """From which probability of the positive class on it is called; None for more than two classes."""
        return self.card.threshold

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self.members[0].device

    @property
    def models(self) -> tuple[Bundle, ...]:
        """The single models, those of members of members among them, in order."""
        return tuple(model for member in self.members for model in models_of(member))

    def shares(self, of_model: Callable[[Bundle], Floats]) -> Floats:
        """Return what the members say together.

        Args:
            of_model: What gives a single model's probabilities of n rows, (n, k) float64.

        Returns:
            (n, k) float64.
        """
        return self.fitted.combine(np.stack([shares_of_member(member, of_model) for member in self.members]))

    def __repr__(self) -> str:
        card = self.card
        members = f"{len(card.members)} models ({', '.join(card.members)})"
        return "\n".join([f"Bundle {card.name!r}: {members}, rule {card.rule}", *lines_of(card)])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


AnyBundle = Bundle | EnsembleBundle


def models_of(bundle: AnyBundle) -> tuple[Bundle, ...]:
    """Return the single models that a bundle of any kind is made of."""
    return (bundle,) if isinstance(bundle, Bundle) else bundle.models


def shares_of_member(member: AnyBundle, of_model: Callable[[Bundle], Floats]) -> Floats:
    """Return what a member says, (n, k) float64; the arguments are as of ``EnsembleBundle.shares``."""
    return of_model(member) if isinstance(member, Bundle) else member.shares(of_model)
