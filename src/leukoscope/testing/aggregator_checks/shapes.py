"""The tables that an aggregator takes and returns."""

from __future__ import annotations

import torch

from leukoscope.testing.aggregator_checks.example import RAGGED, Asked, Example, Rows, told
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference

HIGH, MANY = 80.0, 2000


def returns_a_value_a_bag(example: Example) -> None:
    """Bags of 1 to 200 instances give (b, c) finite numbers of the values' dtype."""
    for dtype in (torch.float32, torch.float64):
        rows = example.rows().to(dtype)
        aggregator = example.used(dtype)
        value = example.value(aggregator, rows)
        wanted = (len(RAGGED), aggregator.width(example.columns))
        require(
            value.shape == wanted and value.dtype == dtype,
            f"forward returns a value a bag and column, of the values' dtype: {wanted} {dtype}; "
            f"it returned {tuple(value.shape)} {value.dtype}.",
        )
        require(value.isfinite().all(), f"forward must return finite numbers; of usual values, {dtype}, it does not.")


def returns_a_share_an_instance(example: Example) -> None:
    """Evidence is (n, width of c), weights are (n, c), or None."""
    aggregator, rows = example.used(), example.rows()
    asked: tuple[Asked, Asked] = ("evidence", "weights")
    for what in asked:
        found = example.ask(aggregator, rows, what)
        columns = aggregator.width(example.columns) if what == "evidence" else example.columns
        wanted = (len(rows.values), columns)
        require(
            found is None or found.shape == wanted,
            f"{what} returns a number an instance and column, {wanted}; it returned "
            f"{None if found is None else tuple(found.shape)}.",
        )


def leaves_its_arguments(example: Example) -> None:
    """Values and features are not written to."""
    rows = example.rows()
    kept = Rows(rows.values.clone(), rows.features.clone(), rows.sizes)
    aggregator = example.used()
    example.ask(aggregator, rows)
    example.ask(aggregator.train(), rows)
    same = torch.equal(rows.values, kept.values) and torch.equal(rows.features, kept.features)
    require(same, "forward and project must not write to what they are given; the values or the features changed.")


def stays_finite(example: Example) -> None:
    """Logits of -80 and 80, and bags of thousands, give finite values and gradients in float32."""
    values = torch.full((2 * MANY + 2, example.columns), HIGH)
    values[1 : MANY + 2] = -HIGH
    features = torch.ones(len(values), example.rows().features.shape[1])
    rows = Rows(values.requires_grad_(), features, (1, 1, MANY, MANY))
    value = example.value(example.used(torch.float32), rows)
    value.sum().backward()  # type: ignore[no-untyped-call]
    gradient = values.grad
    require(
        value.isfinite().all() and (gradient is None or gradient.isfinite().all()),
        f"Values and gradients must stay finite for logits of {HIGH:g} and {-HIGH:g} and bags of {MANY:,} instances "
        "(compute with logarithms, logsumexp, logsigmoid); they do not in float32.",
    )


def projects_row_by_row(example: Example) -> None:
    """The projected numbers of an instance do not depend on the other rows: cells come in chunks."""
    aggregator, features = example.used(), example.rows((9,)).features
    whole = told(lambda: aggregator.project(features), "project")
    wanted = (len(features), aggregator.projected)
    require(
        whole.shape == wanted,
        f"project returns what projected says of each row, {wanted}; it returned {tuple(whole.shape)}.",
    )
    for mode in (False, True):
        aggregator.train(mode)
        whole = told(lambda: aggregator.project(features), "project")
        single = told(lambda: torch.cat([aggregator.project(row) for row in torch.split(features, 1)]), "project")
        apart = difference(whole, single)
        require(
            apart is None,
            "project must treat each row by itself, for the cells of a bag may come in several chunks; of all rows at "
            f"once and row by row in {'training' if mode else 'evaluation'} mode, {apart}.",
        )
