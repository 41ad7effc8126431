"""One layer of self-attention: each token of a bag takes something of the others."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from leukoscope.models.aggregators.layers import linear


class Mixing(nn.Module):
    """A layer of self-attention with several heads, added to what comes in.

    ``x + out(softmax(q k' / sqrt(e)) v)``, q, k and v linear in the normalised x; Vaswani et al., Attention Is All You
    Need, 2017, arXiv:1706.03762. No positions: the order of the tokens does not matter.

    Args:
        width: Length of a token.
        heads: Heads, of which each has ``width / heads`` numbers.
        generator: Where the weights come from.
    """

    def __init__(self, width: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.queries, self.keys, self.values = (linear(width, width, generator) for _ in range(3))
        self.out = linear(width, width, generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the tokens of one bag after they have looked at each other, (n, width) to (n, width)."""
        normal = self.norm(tokens)
        queries, keys, values = (self._by_head(layer(normal)) for layer in (self.queries, self.keys, self.values))
        mixed = nn.functional.scaled_dot_product_attention(queries, keys, values)
        added: Tensor = tokens + self.out(mixed.squeeze(0).transpose(0, 1).flatten(1))
        return added

    def _by_head(self, rows: Tensor) -> Tensor:
        return rows.view(rows.shape[0], self.heads, -1).transpose(0, 1).unsqueeze(0)
