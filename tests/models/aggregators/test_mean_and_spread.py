"""Mean and L-scale, against the definition: half the mean difference of all pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from leukoscope.models.aggregators.mean_and_spread import MeanAndSpread
from leukoscope.models.bags import Bags


def half_gini(piece: np.ndarray) -> np.ndarray:
    pairs = len(piece) * (len(piece) - 1)
    differences: np.ndarray = np.abs(piece[:, None] - piece[None]).sum((0, 1))
    return differences / (2 * max(pairs, 1))


def test_it_is_the_mean_and_half_the_mean_difference_of_pairs(instances: Any, none: Tensor) -> None:
    found = MeanAndSpread()(instances.values, instances.bags, none).numpy()
    expected = [np.concatenate([piece.mean(0), half_gini(piece)]) for piece in instances.pieces]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_of_one_cell_the_spread_is_nothing() -> None:
    values = torch.tensor([[3.0, -1.0]], requires_grad=True)
    found = MeanAndSpread()(values, Bags(torch.tensor([1])), values[:, :0])
    assert found.tolist() == [[3.0, -1.0, 0.0, 0.0]]
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert values.grad.tolist() == [[1.0, 1.0]]


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12),
    shift=st.floats(-100, 100),
    scale=st.floats(-5, 5),
)
def test_it_moves_with_a_shift_and_grows_with_a_scale(values: list[float], shift: float, scale: float) -> None:
    rows = torch.tensor(values, dtype=torch.float64).unsqueeze(1)
    bags, aggregator = Bags(torch.tensor([len(values)])), MeanAndSpread()
    (mean, spread), (moved, wider) = (
        aggregator(one, bags, one[:, :0])[0].tolist() for one in (rows, scale * rows + shift)
    )
    np.testing.assert_allclose([moved, wider], [scale * mean + shift, abs(scale) * spread], atol=1e-8)


def test_the_number_of_cells_does_not_move_its_expectation() -> None:
    drawn = torch.from_numpy(np.random.default_rng(0).normal(size=(60_000, 1)))
    found = {
        size: MeanAndSpread()(drawn, Bags(torch.full((60_000 // size,), size)), drawn[:, :0])[:, 1] for size in (3, 30)
    }
    for spreads in found.values():
        error = float(spreads.std()) / len(spreads) ** 0.5
        assert abs(float(spreads.mean()) - np.pi**-0.5) < 4 * error  # the L-scale of the normal distribution
        assert error < 0.01


def test_its_width_is_twice_the_columns() -> None:
    assert MeanAndSpread().width(7) == 14
