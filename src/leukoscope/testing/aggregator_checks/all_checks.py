"""All checks of aggregators, in order, and what they have to say of one."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.testing.aggregator_checks import (
    descriptions,
    gradients,
    invariance,
    orders,
    saving,
    shapes,
    sums,
)
from leukoscope.testing.aggregator_checks.example import Example, MakeAggregator
from leukoscope.testing.contract import fault_of

CHECKS: tuple[Callable[[Example], None], ...] = (
    descriptions.says_its_assumption,
    descriptions.says_its_kind,
    descriptions.refuses_more_columns,
    descriptions.draws_from_its_seed,
    shapes.returns_a_value_a_bag,
    shapes.returns_a_share_an_instance,
    shapes.leaves_its_arguments,
    shapes.stays_finite,
    shapes.projects_row_by_row,
    invariance.keeps_under_permutation,
    invariance.keeps_in_any_batch,
    invariance.keeps_beside_a_large_bag,
    invariance.keeps_when_asked_again,
    invariance.learns_in_forward_alone,
    sums.takes_one_instance,
    sums.has_evidence_that_sums,
    sums.has_weights_that_sum_to_one,
    gradients.has_right_gradients,
    gradients.has_weights_as_gradient,
    gradients.reaches_every_parameter,
    orders.agrees_in_both_orders,
    saving.is_saved_and_loaded,
)
"""Each takes the example and raises where the contract is broken."""

COLUMNS = (1, 3)
"""One logit, and more where the aggregator is made for more classes."""


def faults(make: MakeAggregator) -> tuple[str, list[str]]:
    """Try an aggregator.

    Args:
        make: As ``check_aggregator`` takes it.

    Returns:
        The name of its class, and a sentence a check that fails.

    Raises:
        AssertionError: it cannot be made.
    """
    first = Example(make, COLUMNS[0]).made()
    tried = COLUMNS if first.multiclass else COLUMNS[:1]
    said = [next(filter(None, (fault_of(check, Example(make, c)) for c in tried)), None) for check in CHECKS]
    return type(first).__name__, [one for one in said if one is not None]
