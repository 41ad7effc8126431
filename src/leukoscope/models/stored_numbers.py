"""How large a network is: its parameters, all numbers that it stores, and what a head stores that is no parameter."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from leukoscope.models.fitted import FittedHead, ForestScores, PrototypeScores, SvmScores


@dataclass(frozen=True)
class StoredNumbers:
    """The size of a network in numbers.

    Args:
        parameters: Weights and biases of all layers, those of a fitted line, of principal components and of dense
            layers counted. Support vectors, the nodes of trees and prototypes are none: they are training cells, means
            of them, or questions about them.
        stored: All numbers in the file of its weights: with support vectors, nodes, running statistics, scales.
        holds: Of a head of support vectors, trees or prototypes how many, in words; None of another one.
    """

    parameters: int
    stored: int
    holds: str | None


def stored_numbers(network: nn.Module) -> StoredNumbers:
    """Count a network's numbers.

    Args:
        network: Of cells or of patients, or a piece of one.
    """
    kept = [module for module in network.modules() if isinstance(module, SvmScores | ForestScores | PrototypeScores)]
    return StoredNumbers(
        parameters=sum(value.numel() for value in parameters_of(network)),
        stored=sum(value.numel() for value in network.state_dict().values()),
        holds="; ".join(module.holds() for module in kept) or None,
    )


def parameters_of(network: nn.Module) -> list[nn.Parameter]:
    """Return what of a network counts as a parameter (``StoredNumbers.parameters``), each once."""
    kept = [module for module in network.modules() if isinstance(module, SvmScores | ForestScores | PrototypeScores)]
    beside = {id(value) for module in kept for value in module.parameters()}
    return [value for value in network.parameters() if id(value) not in beside]


def fitted_at_once(network: nn.Module) -> str | None:
    """Return in words what heads a network has that were fitted at once and are no line; None where it has none."""
    heads = [module for module in network.modules() if isinstance(module, FittedHead)]
    if not heads:
        return None
    found = stored_numbers(nn.ModuleList(heads))
    return f"{found.stored:,} numbers fitted at once" + ("" if found.holds is None else f" ({found.holds})")
