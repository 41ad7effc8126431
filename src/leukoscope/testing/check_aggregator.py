"""The conformance suite of aggregators: what every aggregator of a patient's instances must keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leukoscope.testing.contract import require

if TYPE_CHECKING:
    from leukoscope.testing.aggregator_checks.example import MakeAggregator


def check_aggregator(make: MakeAggregator) -> None:
    """Check that an aggregator keeps to what Leukoscope relies on.

    It is tried on random bags of 1 to 200 instances, with one column and, where it says that it is made for more
    classes, with three; all faults are told at once. No test runner is needed; within one, this is a whole test.

    Args:
        make: Makes the aggregator of the length of a feature vector, the columns of what is aggregated, and a seed, by
            place: the class itself, or ``functools.partial(TopK, k=3)``.

    Raises:
        AssertionError: the contract is broken; a sentence a fault.

    Example:
        >>> from leukoscope.models.aggregators import AGGREGATORS
        >>> check_aggregator(AGGREGATORS["mean"])
    """
    from leukoscope.testing.aggregator_checks.all_checks import faults  # noqa: PLC0415 - torch takes seconds to load

    name, said = faults(make)
    require(not said, "\n".join([f"The aggregator {name} breaks its contract:", *(f"- {one}" for one in said)]))
