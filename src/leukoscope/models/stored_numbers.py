"""How large a network is: its parameters, all numbers that it stores, and what a head stores that is no parameter."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from leukoscope.models.fitted import ForestScores, SvmScores


@dataclass(frozen=True)
class StoredNumbers:
    """The size of a network in numbers.

    Args:
        parameters: Weights and biases of all layers, those of a fitted line and of dense layers counted. Support
            vectors and the nodes of trees are none: they are training cells, or questions about them.
        stored: All numbers in the file of its weights: with support vectors, nodes, running statistics, scales.
        holds: Of a head of support vectors or trees how many, in words; None of another one.
    """

    parameters: int
    stored: int
    holds: str | None


def stored_numbers(network: nn.Module) -> StoredNumbers:
    """Count a network's numbers.

    Args:
        network: Of cells or of patients.
    """
    kept = [module for module in network.modules() if isinstance(module, SvmScores | ForestScores)]
    beside = sum(value.numel() for module in kept for value in module.parameters())
    return StoredNumbers(
        parameters=sum(value.numel() for value in network.parameters()) - beside,
        stored=sum(value.numel() for value in network.state_dict().values()),
        holds="; ".join(module.holds() for module in kept) or None,
    )
