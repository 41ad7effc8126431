"""Rows by bag: sums, shares and refusals, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.models.bags import Bags

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=8)


def table(sizes: list[int], columns: int = 2) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(sum(sizes)).normal(size=(sum(sizes), columns)))


@given(SIZES)
def test_bags_are_what_plain_loops_say(sizes: list[int]) -> None:
    bags, values = Bags(torch.tensor(sizes)), table(sizes)
    starts = np.cumsum([0, *sizes[:-1]])
    pieces = [values.numpy()[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    assert (bags.number, bags.rows) == (len(sizes), sum(sizes))
    assert bags.starts.tolist() == starts.tolist()
    assert bags.index.tolist() == [number for number, size in enumerate(sizes) for _ in range(size)]
    assert [len(piece) for piece in bags.split(values)] == sizes
    np.testing.assert_allclose(bags.sum(values), [piece.sum(0) for piece in pieces], atol=1e-12)
    np.testing.assert_allclose(bags.mean(values), [piece.mean(0) for piece in pieces], atol=1e-12)
    np.testing.assert_array_equal(bags.largest(values), [piece.max(0) for piece in pieces])
    np.testing.assert_allclose(bags.log_sum_exp(values), [np.log(np.exp(piece).sum(0)) for piece in pieces])
    np.testing.assert_allclose(bags.softmax(values), np.concatenate([np.exp(p) / np.exp(p).sum(0) for p in pieces]))
    np.testing.assert_array_equal(bags.spread(bags.sum(values)), bags.sum(values)[bags.index])


@given(SIZES, st.integers(1, 5))
def test_repeated_rows_stay_with_their_bag(sizes: list[int], times: int) -> None:
    bags = Bags(torch.tensor(sizes))
    assert bags.repeated(times).index.tolist() == bags.index.repeat_interleave(times).tolist()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_is_done_keeps_the_dtype(dtype: torch.dtype) -> None:
    bags, values = Bags(torch.tensor([1, 3])), table([1, 3]).to(dtype)
    done = [bags.sum, bags.mean, bags.largest, bags.log_sum_exp, bags.softmax]
    assert {one(values).dtype for one in done} == {dtype}


def test_gradients_reach_the_rows() -> None:
    bags, values = Bags(torch.tensor([2, 1, 4])), table([2, 1, 4]).requires_grad_()
    for done in (bags.sum, bags.mean, bags.largest, bags.log_sum_exp, bags.softmax):
        assert torch.autograd.gradcheck(done, values)
    assert torch.autograd.gradcheck(bags.spread, table([3]).requires_grad_())


def test_equals_share_the_gradient_of_the_largest() -> None:
    values = torch.tensor([[1.0], [1.0], [0.0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(Bags(torch.tensor([3])).largest(values).sum(), values)
    assert gradient.flatten().tolist() == [0.5, 0.5, 0.0]


def test_a_bag_is_the_same_to_the_last_bit_in_any_batch() -> None:
    values = table([4000, 3, 1], 1).float()
    alone = Bags(torch.tensor([4000])).sum(values[:4000])
    assert torch.equal(Bags(torch.tensor([4000, 3, 1])).sum(values)[:1], alone)


def test_shares_do_not_overflow() -> None:
    shares = Bags(torch.tensor([2, 1])).softmax(torch.tensor([[1000.0], [-1000.0], [1e4]]))
    assert shares.flatten().tolist() == [1.0, 0.0, 1.0]


def test_empty_bags_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        Bags(torch.tensor([2, 0, 1, 0]))
    assert str(raised.value) == "A bag needs at least one cell.\n  where: bag 1 (and 1 more)"


@pytest.mark.parametrize("sizes", [torch.tensor([[1, 2]]), torch.tensor([1.0, 2.0])])
def test_sizes_are_a_list_of_whole_numbers(sizes: torch.Tensor) -> None:
    with pytest.raises(TypeError, match=r"^Sizes of bags are \(b,\) int64; got "):
        Bags(sizes)


def test_bags_say_what_they_are() -> None:
    assert repr(Bags(torch.tensor([3, 1]))) == "Bags: 2 of 1 to 3 rows"
