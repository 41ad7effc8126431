"""Whether both orders agree: the linear map before the aggregator, or behind it."""

from __future__ import annotations

import torch
from torch import nn

from leukoscope.testing.aggregator_checks.example import FEATURES, Example, Rows
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference


def agrees_in_both_orders(example: Example) -> None:
    """Where ``linear`` is True, aggregating logits and aggregating features give the same."""
    aggregator, rows = example.used(), example.rows()
    if not aggregator.linear:
        return
    generator = torch.Generator().manual_seed(0)
    head = nn.utils.skip_init(nn.Linear, FEATURES, example.columns, dtype=torch.float64)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        head.weight.normal_(generator=generator)
        head.bias.normal_(generator=generator)
        before = example.value(aggregator, Rows(head(rows.features), rows.features, rows.sizes))
        behind = head(example.value(aggregator, Rows(rows.features, rows.features, rows.sizes)))
    apart = difference(before, behind)
    require(
        apart is None,
        "Where linear is True, the linear map may stand before the aggregator or behind it (weights of the features "
        f"alone, the same in all columns, that sum to 1; else say linear = False); of logits and of features, {apart}.",
    )
