"""Calibration within a graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy import special
from torch import Tensor, nn

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import RISE, TINY, Calibrator
from leukoscope.evaluation.calling import EVEN
from leukoscope.evaluation.conformal import Band

APART = 2e-7
"""So far from a level a probability is kept: a few steps of float32, whichever class's it is."""
FURTHEST, HALVINGS = 50.0, 80


class CalibratorInGraph(nn.Module):
    """What ``Calibrator.apply`` does to probabilities.

    Along a flat step of ``isotonic`` a calibrator rises by a hair, less than float32 can hold. So that a level in the
    midst of a step, a threshold most of all, still parts the same pictures, it is asked of the logit there.

    Args:
        calibrator: The calibrator.
        classes: The k classes.
        levels: Probabilities of the positive class at which something is decided.
    """

    at: Tensor
    share: Tensor

    def __init__(self, calibrator: Calibrator, classes: Classes, levels: Sequence[float] = ()) -> None:
        super().__init__()
        self.kind, self.slope, self.offset = calibrator.kind, calibrator.slope, calibrator.offset
        self.positive = None if classes.positive is None else classes.index(classes.positive)
        knots = np.array(calibrator.knots or ((0.0, 0.0),))
        self.register_buffer("at", torch.from_numpy(knots[:, 0]).float())
        self.register_buffer("share", torch.from_numpy(knots[:, 1]).float())
        self.levels = [(level, _reached(knots, level)) for level in levels] if self.kind == "isotonic" else []

    def forward(self, probabilities: Tensor, logits: Tensor) -> Tensor:
        """Return calibrated probabilities, (n, k) float32.

        Args:
            probabilities: (n, k) float32.
            logits: (n, 1) float32, the positive class's; of more than two classes not looked at.
        """
        if self.kind == "none":
            return probabilities
        if self.kind == "temperature":
            return torch.softmax(self.slope * probabilities.clamp(min=TINY).log(), dim=1)
        if self.kind == "platt":
            calibrated = self.slope * logits + self.offset
            return _both(torch.sigmoid(calibrated), torch.sigmoid(-calibrated), self.positive)
        share = self._steps(logits)
        for level, logit in self.levels:
            share = torch.where(logits >= logit, share.clamp(min=level + APART), share.clamp(max=level - APART))
        return _both(share, 1 - share, self.positive)

    def _steps(self, logits: Tensor) -> Tensor:
        """Return straight lines between the knots, (n, 1): the rises of all that lie below a logit, added up."""
        if len(self.at) == 1:
            return self.share[:1].expand(logits.shape[0], 1)
        along = torch.clamp((logits - self.at[:-1]) / (self.at[1:] - self.at[:-1]), 0, 1)
        return self.share[:1] + (along * (self.share[1:] - self.share[:-1])).sum(dim=1, keepdim=True)


def calibrator_in_graph(card: BundleCard) -> CalibratorInGraph | None:
    """Return what a card's ``calibrator`` stands for; None where nothing is calibrated."""
    if card.calibrator is None:
        return None
    return CalibratorInGraph(Calibrator.from_json(card.calibrator), card.classes, levels_of(card))


def levels_of(card: BundleCard) -> list[float]:
    """Return the probabilities of the positive class at which a call or a referral changes; none of more classes."""
    if not card.classes.binary:
        return []
    found = [EVEN if card.threshold is None else card.threshold]
    least = None if card.confidence is None else card.confidence["least"]
    found += [] if least is None else [least, 1 - least]
    limits = {} if card.band is None else Band.from_json(card.band).limits
    own = {name: limit for name, limit in limits.items() if limit is not None}
    return found + [1 - limit if name == card.classes.positive else limit for name, limit in own.items()]


def log_odds(shares: Tensor, positive: int, least: float) -> Tensor:
    """Return the log-odds of the positive class, (n, 1), of (n, 2), no share being taken for less than ``least``."""
    kept = shares.clamp(min=least).log()
    return (kept[:, positive] - kept[:, 1 - positive]).unsqueeze(1)


def _reached(knots: np.ndarray, level: float) -> float:
    """Return the smallest logit at which steps reach a level, as the calibrator has them; an infinity where none is."""

    def below(logit: float) -> bool:
        return bool(np.interp(logit, *knots.T) + RISE * (special.expit(logit) - 0.5) < level)

    low, high = min(-FURTHEST, knots[0, 0]), max(FURTHEST, knots[-1, 0])
    if below(high) or not below(low):
        return float("inf" if below(high) else "-inf")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return float(high)


def _both(share: Tensor, rest: Tensor, positive: int | None) -> Tensor:
    return torch.cat([rest, share] if positive else [share, rest], dim=1)
