"""Noisy-or, against products of probabilities with many digits."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.noisy_or import SMALL, NoisyOr
from leukoscope.models.bags import Bags


def exact(logits: list[float]) -> float:
    """Return the logit of 1 - prod(1 - p), with 400 digits."""
    with localcontext() as context:
        context.prec = 400
        odds = [Decimal(logit).exp() for logit in logits]
        against = Decimal(1)
        for one in odds:
            against /= 1 + one
        return float((1 - against).ln() - against.ln())


def noisy_or(logits: list[float], dtype: torch.dtype = torch.float64) -> torch.Tensor:
    values = torch.tensor(logits, dtype=dtype).unsqueeze(1)
    found: torch.Tensor = NoisyOr()(values, Bags(torch.tensor([len(logits)])), values[:, :0])
    return found


@given(st.lists(st.floats(-150, 60), min_size=1, max_size=12))
def test_it_is_the_logit_of_one_minus_the_product(logits: list[float]) -> None:
    assert noisy_or(logits).item() == pytest.approx(exact(logits), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("logit", [-300.0, -104.0, SMALL - 1e-9, SMALL + 1e-9, -1.0, 0.0, 3.0, 90.0])
def test_one_instance_gives_its_own_logit(logit: float) -> None:
    assert noisy_or([logit], torch.float32).item() == pytest.approx(logit, rel=1e-6, abs=1e-6)


def test_thousands_of_instances_are_not_rounded_to_certainty() -> None:
    logits = torch.linspace(-3, 3, 10_000).unsqueeze(1).requires_grad_()
    value = NoisyOr()(logits, Bags(torch.tensor([10_000])), logits[:, :0])
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    expected = torch.nn.functional.softplus(logits.detach().double()).sum()
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradient, torch.sigmoid(logits.detach()), rtol=1e-4, atol=1e-6)


def test_many_that_are_very_improbable_add_up() -> None:
    values = torch.full((1000, 1), -120.0)
    value = NoisyOr()(values, Bags(torch.tensor([1000])), values[:, :0])
    assert value.item() == pytest.approx(-120 + torch.log(torch.tensor(1000.0)).item(), rel=1e-6)


def test_more_than_two_classes_are_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        NoisyOr(outputs=4)
    assert str(raised.value) == (
        "NoisyOr aggregates one logit, that of two classes; it is given 4 columns.\n"
        "  where: bag.aggregator\n"
        "  what to do: Aggregate the logits of two classes (bag.order: logits), or choose another aggregator: "
        "attention."
    )
