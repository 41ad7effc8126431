"""Aggregators by their names in recipes, and both orders for the linear ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators import AGGREGATORS, make_aggregator, options_of
from leukoscope.models.aggregators.top_k import TopK
from leukoscope.models.bags import Bags

LINEAR = [name for name, kind in AGGREGATORS.items() if kind.linear]


@pytest.mark.parametrize("name", AGGREGATORS)
def test_a_name_gives_its_aggregator(name: str) -> None:
    made = make_aggregator(name, features=6, outputs=1, seed=0)
    assert type(made) is AGGREGATORS[name]
    assert made.training


@pytest.mark.parametrize("name", AGGREGATORS)
def test_the_seed_alone_makes_the_weights(name: str) -> None:
    before = torch.random.get_rng_state()
    one, same, other = (make_aggregator(name, 6, 1, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[key], same[key]) for key in one)
    drawn = [key for key in one if not torch.equal(one[key], other[key])]
    assert bool(drawn) == ("attention" in name)
    assert torch.equal(before, torch.random.get_rng_state())


def test_options_are_given_and_listed() -> None:
    made = make_aggregator({"top_k": {"k": 3, "k_train": 5}}, 6, 1, 0)
    assert isinstance(made, TopK)
    assert (made.number.k, made.number.train) == (3, 5)
    assert options_of("top_k") == {"k": None, "share": None, "at_least": None, "k_train": None}
    assert {name: list(options_of(name)) for name in AGGREGATORS if options_of(name)} == {
        "top_k": ["k", "share", "at_least", "k_train"],
        "top_and_bottom_k": ["k", "share", "at_least", "k_train"],
        "bn_sigmoid": ["momentum"],
        "attention": ["hidden"],
        "gated_attention": ["hidden"],
        "self_attention": ["width", "layers", "heads", "most"],
        "log_sum_exp": ["sharpness"],
    }


def said(spec: Any, outputs: int = 1) -> str:
    with pytest.raises(SettingsError) as raised:
        make_aggregator(spec, 6, outputs, 0)
    return str(raised.value)


def test_an_unknown_name_offers_the_nearest() -> None:
    assert said("bn_sigmod") == (
        "There is no aggregator 'bn_sigmod'.\n"
        "  where: bag.aggregator\n"
        "  what to do: Did you mean 'bn_sigmoid'? Known: attention, bn_sigmoid, gated_attention, log_sum_exp, max, "
        "mean, mean_and_spread, noisy_or, self_attention, top_and_bottom_k, top_k."
    )


def test_an_unknown_option_offers_the_nearest() -> None:
    assert said({"top_k": {"ktrain": 3, "m": 2}}) == (
        "The aggregator 'top_k' has no option 'ktrain'.\n"
        "  where: bag.aggregator.top_k (and 1 more)\n"
        "  what to do: Did you mean 'k_train'? Known: at_least, k, k_train, share."
    )
    assert said({"mean": {"k": 3}}) == (
        "The aggregator 'mean' has no option 'k'.\n  where: bag.aggregator.mean\n  what to do: Known: none."
    )


@pytest.mark.parametrize("name", ["features", "outputs", "seed"])
def test_what_the_network_says_is_no_option(name: str) -> None:
    assert said({"attention": {name: 3}}).startswith(f"The aggregator 'attention' has no option {name!r}.")


@pytest.mark.parametrize("spec", [{}, {"top_k": 10}, {"mean": {}, "max": {}}, {"mean": None}])
def test_anything_else_is_refused(spec: Any) -> None:
    assert said(spec) == (
        f"An aggregator is one name, or one name with its options. Got {spec!r}.\n"
        "  where: bag.aggregator\n"
        "  what to do: Write it as mean, or as {top_k: {k: 10}}."
    )


def test_one_for_two_classes_refuses_more() -> None:
    assert [name for name, kind in AGGREGATORS.items() if not kind.multiclass] == ["noisy_or"]
    assert said("noisy_or", outputs=3).startswith("NoisyOr aggregates one logit, that of two classes; it is given 3")


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(LINEAR),
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=5),
    outputs=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_both_orders_agree_where_the_aggregator_is_linear(name: str, sizes: list[int], outputs: int, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    features = torch.from_numpy(drawn.normal(size=(sum(sizes), 6)))
    weight, bias = (torch.from_numpy(drawn.normal(size=shape)) for shape in ((6, outputs), (outputs,)))
    aggregator, bags = make_aggregator(name, 6, outputs, seed).double(), Bags(torch.tensor(sizes))
    projected = aggregator.project(features)
    before = aggregator(features @ weight + bias, bags, projected)
    behind = aggregator(features, bags, projected) @ weight + bias
    torch.testing.assert_close(before, behind, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in AGGREGATORS if name not in [*LINEAR, "mean_and_spread"]])
def test_the_others_do_not_agree_in_both_orders(name: str) -> None:
    features = torch.from_numpy(np.random.default_rng(0).normal(size=(30, 6)))
    weight, bags = torch.ones(6, 1, dtype=torch.float64), Bags(torch.tensor([20, 10]))
    spec = {name: {"k": 3}} if "_k" in name else name
    over_logits = make_aggregator(spec, 6, 1, 0).double()
    over_features = over_logits if name == "noisy_or" else make_aggregator(spec, 6, 6, 0).double()
    before = over_logits(features @ weight, bags, features[:, :0])
    behind = over_features(features, bags, features[:, :0]) @ weight
    assert not torch.allclose(before, behind, rtol=1e-2)
