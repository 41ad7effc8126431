"""All checks of networks, in order, and what they have to say of one."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.testing.contract import fault_of
from leukoscope.testing.model_checks import promises
from leukoscope.testing.model_checks.example import Example

CHECKS: tuple[Callable[[Example], None], ...] = (
    promises.gives_finite_logits,
    promises.tells_cells_apart,
    promises.leaves_its_pictures,
    promises.keeps_when_asked_again,
    promises.keeps_the_order,
    promises.keeps_in_any_batch,
    promises.keeps_beside_padding,
    promises.is_saved_and_loaded,
    promises.draws_from_its_seed,
    promises.agrees_in_any_layout,
    promises.is_one_graph,
    promises.reaches_every_weight,
)
"""Each takes the example and raises where the contract is broken."""


def faults(example: Example) -> tuple[str, list[str]]:
    """Try a network.

    Args:
        example: What makes it, and what it is tried on.

    Returns:
        The name of its class, and a sentence a check that fails; the first alone where that fails, for logits that are
        not as they must be cannot be compared.

    Raises:
        AssertionError: it cannot be made.
    """
    name = type(example.made()).__name__
    first, *others = CHECKS
    broken = fault_of(first, example)
    if broken is not None:
        return name, [broken]
    said = (fault_of(check, example) for check in others)
    return name, [one for one in said if one is not None]
