"""What must sum to what, and bags of one instance."""

from __future__ import annotations

import torch

from leukoscope.testing.aggregator_checks.example import Example, Rows
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference


def has_evidence_that_sums(example: Example) -> None:
    """What the instances of a bag add sums to its value."""
    aggregator, rows = example.used(), example.rows()
    evidence = example.ask(aggregator, rows, "evidence")
    if evidence is None:
        return
    apart = difference(rows.bags.sum(evidence), example.value(aggregator, rows))
    require(
        apart is None,
        "The evidence of a bag must sum to its value (return None where there is no such sum; the base takes it from "
        f"weights); sum and value: {apart}.",
    )


def has_weights_that_sum_to_one(example: Example) -> None:
    """The shares of a bag's instances sum to 1."""
    aggregator, rows = example.used(), example.rows()
    weights = example.ask(aggregator, rows, "weights")
    if weights is None:
        return
    sums = rows.bags.sum(weights)
    apart = difference(sums, torch.ones_like(sums))
    require(apart is None, f"The weights of each bag must sum to 1 (None where there are none); sum and 1: {apart}.")


def takes_one_instance(example: Example) -> None:
    """A patient with one cell is a patient; a step on nothing else leaves the aggregator whole."""
    aggregator, rows = example.used().train(), example.rows((1,))
    values = rows.values.clone().requires_grad_()
    value = example.value(aggregator, Rows(values, rows.features, rows.sizes))
    value.sum().backward()  # type: ignore[no-untyped-call]
    gradients = [one.grad for one in (values, *aggregator.parameters()) if one.grad is not None]
    require(
        value.isfinite().all() and all(one.isfinite().all() for one in gradients),
        "A training batch of a single instance must give finite values and gradients (a variance of one is no number "
        "unless it is the biased one); it does not.",
    )
    after = example.value(aggregator.eval(), rows)
    require(
        after.isfinite().all(),
        "After a training batch of a single instance, a bag's value must be finite (running statistics must not take "
        "up nan); it is not.",
    )
