"""Attention, against NumPy and Ilse's equation 8."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.attention import Attention


def test_it_is_equation_8(instances: Any) -> None:
    attention = Attention(4, 2, 0, hidden=3).double()
    view, bias, score = (one.detach().numpy() for one in attention.parameters())
    expected = []
    for values, features in zip(instances.pieces, instances.feature_pieces, strict=True):
        raised = np.exp(np.tanh(features @ view.T + bias) @ score.T)
        expected.append((raised / raised.sum() * values).sum(0))
    found = attention(instances.values, instances.bags, attention.project(instances.features))
    np.testing.assert_allclose(found.detach(), expected)


def test_hidden_is_a_whole_number() -> None:
    with pytest.raises(SettingsError) as raised:
        Attention(4, hidden=0)
    assert str(raised.value) == (
        "The 'hidden' parameter of attention must be a whole number, 1 or more. Got 0.\n"
        "  where: bag.aggregator.attention"
    )
