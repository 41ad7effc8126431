"""A layer of self-attention, against NumPy."""

from __future__ import annotations

import numpy as np
import torch

from leukoscope.models.aggregators.layers import generator_of
from leukoscope.models.aggregators.mixing import Mixing


def test_it_is_the_formula() -> None:
    layer = Mixing(6, 2, generator_of(1)).double()
    tokens = np.random.default_rng(0).normal(size=(5, 6))
    weights = {name: one.detach().numpy() for name, one in layer.named_parameters()}
    normal = (tokens - tokens.mean(1, keepdims=True)) / np.sqrt(tokens.var(1, keepdims=True) + 1e-5)
    queries, keys, values = (normal @ weights[f"{name}.weight"].T for name in ("queries", "keys", "values"))
    heads = []
    for part in (slice(0, 3), slice(3, 6)):
        raised = np.exp(queries[:, part] @ keys[:, part].T / np.sqrt(3))
        heads.append(raised / raised.sum(1, keepdims=True) @ values[:, part])
    expected = tokens + np.concatenate(heads, axis=1) @ weights["out.weight"].T
    np.testing.assert_allclose(layer(torch.from_numpy(tokens)).detach(), expected)
