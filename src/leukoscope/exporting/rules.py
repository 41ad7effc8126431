"""The rules of bundles of several models within a graph. A new one is a class here and a line in ``RULES``."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Fitted, StackedModels, SurestModel, Weighted
from leukoscope.ensembles.stacked import SMALLEST
from leukoscope.errors import SettingsError
from leukoscope.evaluation.calibrators import TINY
from leukoscope.exporting.calibrators import CalibratorInGraph, log_odds
from leukoscope.exporting.facts import LogisticInGraph


class WeightedInGraph(nn.Module):
    """The weighted mean (``ensembles.weighted``): average, genetic and greedy weights."""

    weights: Tensor

    def __init__(self, fitted: Weighted, classes: Classes) -> None:
        super().__init__()
        del classes
        self.register_buffer("weights", torch.tensor(fitted.weights, dtype=torch.float32).view(-1, 1, 1))

    def forward(self, shares: Tensor) -> Tensor:
        """Return the common probabilities, (n, k), of (m, n, k)."""
        return (self.weights * shares).sum(dim=0)


class StackedInGraph(nn.Module):
    """A logistic regression on what the models say (``ensembles.stacked``)."""

    def __init__(self, fitted: StackedModels, classes: Classes) -> None:
        super().__init__()
        self.positive, self.classes = fitted.positive, len(classes)
        self.regression = LogisticInGraph(fitted.model)

    def forward(self, shares: Tensor) -> Tensor:
        """Return the regression's probabilities, (n, k), of (m, n, k)."""
        if self.positive is None:
            logs = shares.clamp(SMALLEST, 1 - SMALLEST).log()
            return torch.softmax(self.regression(logs.transpose(0, 1).flatten(1)), dim=1)
        logits = self.regression(torch.cat([log_odds(one, self.positive, SMALLEST) for one in shares], dim=1))
        chance, rest = torch.sigmoid(logits), torch.sigmoid(-logits)
        return torch.cat([rest, chance] if self.positive else [chance, rest], dim=1)


class SurestInGraph(nn.Module):
    """Of each picture the probabilities of the model that is surest of it (``ensembles.most_confident``)."""

    def __init__(self, fitted: SurestModel, classes: Classes) -> None:
        super().__init__()
        self.positive = None if classes.positive is None else classes.index(classes.positive)
        own = fitted.calibrators or ()
        self.calibrators = nn.ModuleList(CalibratorInGraph(calibrator, classes) for calibrator in own)

    def forward(self, shares: Tensor) -> Tensor:
        """Return the surest model's probabilities, (n, k), of (m, n, k); of equally sure models the first one's."""
        if len(self.calibrators):
            pairs = zip(self.calibrators, shares, strict=True)
            shares = torch.stack([calibrator(said, self._logits(said)) for calibrator, said in pairs])
        surest = shares.amax(dim=2).argmax(dim=0)
        chosen = torch.arange(shares.shape[0]).unsqueeze(1) == surest
        return (shares * chosen.unsqueeze(2).to(shares.dtype)).sum(dim=0)

    def _logits(self, said: Tensor) -> Tensor:
        # As the calibrators take them of tables without logits: of the positive class's probability alone.
        if self.positive is None:
            return said[:, :1]
        share = said[:, self.positive : self.positive + 1]
        return share.clamp(min=TINY).log() - (1 - share).clamp(min=TINY).log()


RULES: dict[type[Any], type[Any]] = {
    Weighted: WeightedInGraph,
    StackedModels: StackedInGraph,
    SurestModel: SurestInGraph,
}


def rule_in_graph(fitted: Fitted, classes: Classes, name: str) -> nn.Module:
    """Return a fitted rule as a module from (m, n, k) to (n, k).

    Args:
        fitted: The rule.
        classes: The k classes.
        name: Its name, for the error.

    Raises:
        SettingsError: the rule is none of those that a graph knows.
    """
    kind = RULES.get(type(fitted))
    if kind is None:
        raise SettingsError(
            f"The rule {name!r} for several models can't be part of a graph yet.",
            do="Export the members one by one.",
        )
    made: nn.Module = kind(fitted, classes)
    return made
