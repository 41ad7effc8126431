"""Gated attention, against NumPy and Ilse's equation 9."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.gated_attention import GatedAttention


def test_it_is_equation_9(instances: Any) -> None:
    attention = GatedAttention(4, 2, 0, hidden=3).double()
    view, bias, gate, gate_bias, score = (one.detach().numpy() for one in attention.parameters())
    expected = []
    for values, features in zip(instances.pieces, instances.feature_pieces, strict=True):
        let_through = 1 / (1 + np.exp(-(features @ gate.T + gate_bias)))
        raised = np.exp((np.tanh(features @ view.T + bias) * let_through) @ score.T)
        expected.append((raised / raised.sum() * values).sum(0))
    found = attention(instances.values, instances.bags, attention.project(instances.features))
    np.testing.assert_allclose(found.detach(), expected)


def test_hidden_is_a_whole_number() -> None:
    with pytest.raises(SettingsError) as raised:
        GatedAttention(4, hidden=1.5)  # type: ignore[arg-type]
    assert str(raised.value) == (
        "The 'hidden' parameter of gated_attention must be a whole number, 1 or more. Got 1.5.\n"
        "  where: bag.aggregator.gated_attention"
    )
