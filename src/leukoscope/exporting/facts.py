"""A patient's facts within a graph: raw numbers in, the columns of ``facts.encoding`` out; late fusion, too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from leukoscope.facts.category import CategoryFact
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.logistic import LogisticModel
from leukoscope.facts.number import NumberFact

UNKNOWN = -1
"""What stands for a word that no training patient had."""


class FactsInGraph(nn.Module):
    """From one patient's facts, a number each, to the encoder's columns.

    NaN stands for a missing fact. Of a category the number is the place of the word among the encoder's, -1 for any
    other word. What ``FactsEncoder.encode`` refuses (an infinite number, one without logarithm) makes the answer NaN.

    Args:
        encoder: The encoder.
    """

    def __init__(self, encoder: FactsEncoder) -> None:
        super().__init__()
        self.facts = encoder.facts

    def forward(self, facts: Tensor) -> Tensor:
        """Return (1, columns) float32 of (1, f) float32, the facts in the encoder's order."""
        columns = [_columns(fact, facts[:, place : place + 1]) for place, fact in enumerate(self.facts)]
        return torch.cat(columns, dim=1)


class LogisticInGraph(nn.Module):
    """A fitted logistic regression as one matrix and one vector: its inputs' standardisation is part of both.

    Args:
        model: The regression.
    """

    weights: Tensor
    intercepts: Tensor

    def __init__(self, model: LogisticModel) -> None:
        super().__init__()
        outputs, inputs = len(model.intercepts), len(model.names)
        weights = np.array(model.coefficients).reshape(outputs, inputs) / np.array(model.scales).reshape(1, inputs)
        intercepts = np.array(model.intercepts) - weights @ np.array(model.means).reshape(inputs)
        self.register_buffer("weights", torch.from_numpy(weights.T.astype(np.float32)))
        self.register_buffer("intercepts", torch.from_numpy(intercepts.astype(np.float32)))

    def forward(self, values: Tensor) -> Tensor:
        """Return logits, (n, o) float32, of (n, f) float32."""
        return values @ self.weights + self.intercepts


def raw_facts(encoder: FactsEncoder, facts: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Return one patient's facts as a graph takes them, (1, f) float32.

    Args:
        encoder: The encoder.
        facts: Each fact by name: a number, a word, or None where it is missing.

    Example:
        >>> encoder = FactsEncoder((CategoryFact("sex", ("F", "M")),))
        >>> [float(raw_facts(encoder, {"sex": word})[0, 0]) for word in ("M", "X", None)]
        [1.0, -1.0, nan]
    """
    return np.array([[_raw(fact, facts.get(fact.name)) for fact in encoder.facts]], dtype=np.float32)


def _raw(fact: NumberFact | CategoryFact, value: Any) -> float:  # noqa: ANN401 - a number, a word or None
    if value is None:
        return math.nan
    if isinstance(fact, NumberFact):
        return float(value)
    return float(fact.words.index(value) if value in fact.words else UNKNOWN)


def _columns(fact: NumberFact | CategoryFact, value: Tensor) -> Tensor:
    missing = torch.isnan(value)
    if isinstance(fact, CategoryFact):
        words = torch.arange(len(fact.words), dtype=torch.float32)
        return torch.cat([(value == words).float(), missing.float()], dim=1)
    refused = torch.isinf(value) | (value <= 0) if fact.log else torch.isinf(value)
    filled = torch.where(missing | refused, fact.median, value)
    filled = filled if fact.most is None else filled.clamp(max=fact.most)
    scaled = ((filled.log() if fact.log else filled) - fact.mean) / fact.deviation
    return torch.cat([torch.where(refused, math.nan, scaled), missing.float()], dim=1)
