"""Grisi & Schmidt-Mengin's aggregator, against NumPy: weights, statistics, gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.bn_sigmoid import EPSILON, BnSigmoid
from leukoscope.models.bags import Bags


def moved(outputs: int = 2) -> BnSigmoid:
    """Return one whose parameters are not where they start."""
    aggregator = BnSigmoid(outputs=outputs).double()
    with torch.no_grad():
        aggregator.gamma.copy_(torch.tensor([1.5, -0.5][:outputs]))
        aggregator.beta.copy_(torch.tensor([0.3, -1.0][:outputs]))
    return aggregator


def expected(pieces: list[np.ndarray], mean: np.ndarray, variance: np.ndarray) -> list[np.ndarray]:
    """Return the formula's values with ``moved``'s parameters."""
    gamma, beta = np.array([1.5, -0.5]), np.array([0.3, -1.0])
    found = []
    for logits in pieces:
        weights = 1 / (1 + np.exp(-(beta + gamma * (logits - mean) / np.sqrt(variance + EPSILON))))
        found.append((weights * logits).sum(0) / weights.sum(0))
    return found


def test_training_uses_all_logits_of_the_batch_with_the_biased_variance(instances: Any, none: Tensor) -> None:
    aggregator, logits = moved().train(), instances.values.numpy()
    found = aggregator(instances.values, instances.bags, none).detach()
    np.testing.assert_allclose(found, expected(instances.pieces, logits.mean(0), logits.var(0)))


def test_evaluation_uses_running_statistics(instances: Any, none: Tensor) -> None:
    aggregator = moved().train()
    batches = [instances.values * 2 + 1, instances.values, instances.values - 3]
    means, variances = (np.stack([getattr(np, name)(one.numpy(), 0) for one in batches]) for name in ("mean", "var"))
    for batch in batches:
        aggregator(batch, instances.bags, none)
    # The plain mean while there are fewer batches than 1 / momentum.
    np.testing.assert_allclose(aggregator.running_mean, means.mean(0))
    np.testing.assert_allclose(aggregator.running_variance, variances.mean(0))
    found = aggregator.eval()(instances.values, instances.bags, none).detach()
    np.testing.assert_allclose(found, expected(instances.pieces, means.mean(0), variances.mean(0)))
    assert int(aggregator.batches) == 3


def test_later_batches_move_the_statistics_by_the_momentum(instances: Any, none: Tensor) -> None:
    aggregator = BnSigmoid(outputs=2, momentum=0.5).double().train()
    for shift in (0, 1, 2):
        aggregator(instances.values + shift, instances.bags, none)
    shift = (0 * 0.5 + 1 * 0.5) * 0.5 + 2 * 0.5
    np.testing.assert_allclose(aggregator.running_mean, instances.values.numpy().mean(0) + shift)


def test_the_statistics_move_once_a_call_of_forward(instances: Any, none: Tensor) -> None:
    aggregator, given = moved().train(), (instances.values, instances.bags, none)
    aggregator.weights(*given)
    aggregator.evidence(*given)
    assert int(aggregator.batches) == 0
    with torch.no_grad():
        aggregator(*given)
    assert int(aggregator.batches) == 1
    aggregator.eval()(*given)
    assert int(aggregator.batches) == 1


def test_the_weights_have_gradients_by_gamma_and_beta_alone(instances: Any, none: Tensor) -> None:
    aggregator, logits = moved().train(), instances.values.clone().requires_grad_()
    given = (logits, instances.bags, none)
    weights = aggregator.weights(*given)
    (gradient,) = torch.autograd.grad(aggregator(*given).sum(), logits)
    torch.testing.assert_close(gradient, weights.detach())
    assert not aggregator.normalised(logits).requires_grad
    assert torch.autograd.grad(weights.square().sum(), logits, allow_unused=True) == (None,)


def test_one_instance_in_training_is_its_logit_and_leaves_the_statistics() -> None:
    aggregator, logit = moved(1).train(), torch.tensor([[-2.5]], dtype=torch.float64)
    assert aggregator(logit, Bags(torch.tensor([1])), logit[:, :0]).item() == -2.5
    assert (aggregator.running_mean.item(), aggregator.running_variance.item()) == (0.0, 1.0)


def test_weights_too_small_for_a_float_still_weigh() -> None:
    aggregator = BnSigmoid().eval()
    logits = torch.tensor([[-2000.0], [-2001.0]])
    value = aggregator(logits, Bags(torch.tensor([2])), logits[:, :0])
    assert value.item() == pytest.approx(-2000 - 1 / (1 + np.e), abs=1e-3)


def test_the_momentum_is_a_share() -> None:
    with pytest.raises(SettingsError) as raised:
        BnSigmoid(momentum=1.5)
    assert str(raised.value) == (
        "The 'momentum' parameter of bn_sigmoid must be a number above 0 and at most 1. Got 1.5.\n"
        "  where: bag.aggregator.bn_sigmoid"
    )
