"""The weighted mean of several models' probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leukoscope.ensembles.rows import Floats
from leukoscope.errors import DataError


@dataclass(frozen=True)
class Weighted:
    """One weight a model.

    Args:
        members: The models' m names.
        weights: (m,), 0 or more, summing to 1.
        told: What the search says of itself, as JSON values.

    Example:
        >>> Weighted(("a", "b"), (0.75, 0.25)).combine(np.array([[[1.0, 0.0]], [[0.0, 1.0]]]))
        array([[0.75, 0.25]])
    """

    members: tuple[str, ...]
    weights: tuple[float, ...]
    told: dict[str, Any] = field(default_factory=dict)

    def combine(self, probabilities: Floats) -> Floats:
        """Return the weighted mean, (n, k), of (m, n, k)."""
        return np.asarray(mixed(np.array([self.weights]), probabilities)[0])

    def as_json(self) -> dict[str, Any]:
        """Return the weights by name, and what the search told."""
        return {"weights": dict(zip(self.members, self.weights, strict=True)), **self.told}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], members: Sequence[str]) -> Weighted:
        """Make weights of what ``as_json`` returned.

        Args:
            value: ``weights``, from name to weight, and what the search told.
            members: The models' names, in order.

        Raises:
            DataError: there are no weights, or they are those of other models.
        """
        weights = value.get("weights")
        if not isinstance(weights, Mapping) or sorted(weights) != sorted(members):
            named = ", ".join(weights) if isinstance(weights, Mapping) else "none"
            raise DataError(f"There must be a weight for each of {', '.join(members)}; found: {named}.")
        told = {name: one for name, one in value.items() if name != "weights"}
        return cls(tuple(members), tuple(float(weights[name]) for name in members), told)


def equal_weights(members: int) -> Floats:
    """Return the same weight for each of m models, (m,)."""
    return np.full(members, 1 / members)


def mixed(weights: Floats, values: Floats) -> Floats:
    """Return the weighted sums of many weightings at once.

    Model is added to model in their order, whatever the number of weightings, so that a sum is the same to the last
    bit alone and among others.

    Args:
        weights: (b, m).
        values: (m, n) or (m, n, k).

    Returns:
        (b, n) or (b, n, k) float64.
    """
    total: Floats = np.multiply.outer(weights[:, 0], values[0])
    again = np.empty_like(total)
    for place in range(1, len(values)):
        total += np.multiply.outer(weights[:, place], values[place], out=again)
    return total
