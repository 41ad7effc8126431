"""Gradients against finite differences, in float64."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags
from leukoscope.testing.aggregator_checks.example import Example, Rows, told
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference

SIZES = (1, 3, 4)


def has_right_gradients(example: Example) -> None:
    """For values, features and parameters, in both modes; where gradients are stopped, for all but the values."""
    for mode in (False, True):
        whole = _Whole(example.used().train(mode), example.rows(SIZES))
        learnt = [one.detach().clone().requires_grad_() for one in whole.inputs.values()]
        value = told(lambda whole=whole, learnt=learnt: whole(*learnt), "forward")  # type: ignore[misc]
        if not value.requires_grad:
            continue
        told(
            lambda whole=whole, learnt=learnt: torch.autograd.gradcheck(whole, learnt, fast_mode=True),  # type: ignore[misc]
            f"Gradients must agree with finite differences in {'training' if mode else 'evaluation'} mode (where "
            "weights are computed of the values without gradient, say stop_gradient = True); gradcheck",
        )


def has_weights_as_gradient(example: Example) -> None:
    """Where the weights are computed without gradient, the gradient of a bag's value is its weights."""
    aggregator, rows = example.used(), example.rows()
    if not aggregator.stop_gradient:
        return
    for mode in (False, True):
        aggregator.train(mode)
        values = rows.values.clone().requires_grad_()
        weights = example.ask(aggregator, rows, "weights")
        value = example.value(aggregator, Rows(values, rows.features, rows.sizes))
        (gradient,) = torch.autograd.grad(value.sum(), values)
        apart = difference(gradient, weights)
        require(
            apart is None,
            f"With stop_gradient = True, the gradient of a bag's value by its values is its weights; {apart}.",
        )


def reaches_every_parameter(example: Example) -> None:
    """No parameter stands by: each has a gradient."""
    aggregator, rows = example.used().train(), example.rows()
    named = [(name, one) for name, one in aggregator.named_parameters() if one.requires_grad]
    if not named:
        return
    value = example.value(aggregator, rows).sum()
    require(value.requires_grad, "The parameters must take part in the value; it does not depend on any of them.")
    found = torch.autograd.grad(value, [one for _, one in named], allow_unused=True)
    idle = [name for (name, _), gradient in zip(named, found, strict=True) if gradient is None]
    require(not idle, f"Every parameter must take part in the value; these do not: {', '.join(idle)}.")


class _Whole:
    """An aggregator as a function of values, features and parameters, in the order of ``inputs``."""

    def __init__(self, aggregator: Aggregator, rows: Rows) -> None:
        self.step, self.rows = _Step(aggregator), rows
        # A finite difference by the values would see the gradient that is stopped.
        values = {} if aggregator.stop_gradient else {"values": rows.values}
        self.inputs = values | {"features": rows.features} | dict(self.step.named_parameters())

    def __call__(self, *inputs: Tensor) -> Tensor:
        given = dict(zip(self.inputs, inputs, strict=True))
        values, features = given.pop("values", self.rows.values), given.pop("features")
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            value: Tensor = functional_call(self.step, given, (values, features, self.rows.bags))
        return value


class _Step(nn.Module):
    """An aggregator with its projection, so that both see the same parameters."""

    def __init__(self, aggregator: Aggregator) -> None:
        super().__init__()
        self.aggregator = aggregator

    def forward(self, values: Tensor, features: Tensor, bags: Bags) -> Tensor:
        value: Tensor = self.aggregator(values, bags, self.aggregator.project(features))
        return value
