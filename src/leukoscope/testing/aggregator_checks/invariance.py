"""What must not change a bag's value in evaluation mode: order, other bags, padding, having been asked before."""

from __future__ import annotations

import torch
from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.randomness import integer
from leukoscope.testing.aggregator_checks.example import Asked, Example, Rows
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference

TABLES: tuple[Asked, Asked] = ("evidence", "weights")
EXTREME = 1000.0


def keeps_under_permutation(example: Example) -> None:
    """The instances of a bag may come in any order; evidence and weights move along."""
    aggregator, rows = example.used(), example.rows()
    generator = torch.Generator().manual_seed(integer(0, "order"))
    starts = rows.bags.starts.tolist()
    pieces = zip(starts, rows.sizes, strict=True)
    order = torch.cat([start + torch.randperm(size, generator=generator) for start, size in pieces])
    other = rows.taken(order, rows.sizes)
    apart = difference(example.value(aggregator, rows), example.value(aggregator, other))
    require(apart is None, f"A bag's value must not depend on the order of its instances; in another order, {apart}.")
    for what in TABLES:
        found = example.ask(aggregator, rows, what)
        apart = difference(None if found is None else found[order], example.ask(aggregator, other, what))
        require(apart is None, f"{what} must move along with the instances; in another order, {apart}.")


def keeps_in_any_batch(example: Example) -> None:
    """A bag gives alone what it gives among others."""
    aggregator, rows = example.used(), example.rows()
    value = example.value(aggregator, rows)
    alone = [_bag(rows, number) for number in range(len(rows.sizes))]
    apart = difference(value, torch.cat([example.value(aggregator, one) for one in alone]))
    require(
        apart is None,
        "A patient's value must not depend on who else is scored (in evaluation mode, use running statistics, not the "
        f"batch's); alone and in a batch, {apart}.",
    )
    for what in TABLES:
        apart = difference(
            example.ask(aggregator, rows, what), _joined([example.ask(aggregator, one, what) for one in alone])
        )
        require(apart is None, f"{what} must not depend on the other bags; alone and in a batch, {apart}.")


def keeps_beside_a_large_bag(example: Example) -> None:
    """Padding is no instance: small bags stay as they are beside a large one of extreme values."""
    aggregator, rows = example.used(), example.rows((1, 3, 200))
    for sign in (-1, 1):
        # All of one sign, so that a row of zeros would be the highest, or the lowest.
        values = sign * rows.values.abs()
        values[4:] *= EXTREME
        beside = Rows(values, rows.features, rows.sizes)
        alone = torch.cat([example.value(aggregator, _bag(beside, number)) for number in (0, 1)])
        apart = difference(alone, example.value(aggregator, beside)[:2])
        require(
            apart is None,
            "A small bag beside a large one must keep its value (where bags are padded to one length, mask the "
            f"padding); alone and beside a bag of 200, {apart}.",
        )


def keeps_when_asked_again(example: Example) -> None:
    """In evaluation mode nothing is drawn and nothing is learnt."""
    aggregator, rows = example.used(), example.rows()
    before = _state(aggregator)
    one = example.value(aggregator, rows)
    for what in TABLES:
        example.ask(aggregator, rows, what)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        other = aggregator(rows.values, rows.bags, aggregator.project(rows.features))
    apart = difference(one, other)
    require(apart is None, f"In evaluation mode a bag has one value; asked twice, {apart}.")
    changed = _changed(before, _state(aggregator))
    require(not changed, f"In evaluation mode nothing may be learnt; changed: {', '.join(changed)}.")


def learns_in_forward_alone(example: Example) -> None:
    """Evidence and weights change no statistics, in training mode either: a step moves them once."""
    aggregator, rows = example.used().train(), example.rows()
    before = _state(aggregator)
    for what in TABLES:
        example.ask(aggregator, rows, what)
    changed = _changed(before, _state(aggregator))
    require(
        not changed,
        "Only forward may move running statistics, so that they move once a step; evidence or weights changed: "
        f"{', '.join(changed)}.",
    )


def _bag(rows: Rows, number: int) -> Rows:
    start = sum(rows.sizes[:number])
    size = rows.sizes[number]
    return rows.taken(torch.arange(start, start + size), (size,))


def _joined(tables: list[Tensor | None]) -> Tensor | None:
    found = [one for one in tables if one is not None]
    return torch.cat(found) if found else None


def _state(aggregator: Aggregator) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in aggregator.state_dict().items()}


def _changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> list[str]:
    return [name for name, value in before.items() if not torch.equal(value, after[name])]
