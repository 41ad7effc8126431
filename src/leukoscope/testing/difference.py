"""How far two tables of numbers are apart."""

from __future__ import annotations

import torch
from torch import Tensor

CLOSE = 1e-8


def difference(one: Tensor | None, other: Tensor | None, close: float = CLOSE) -> str | None:
    """Return in words how two tables differ; None where they are the same up to rounding.

    Args:
        one: A table, or None.
        other: Another.
        close: How far apart rounding may bring them, absolutely and relatively.

    Example:
        >>> difference(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5]))
        'they differ by up to 0.5'
    """
    if one is None or other is None:
        return None if one is other else "one of them is None"
    if one.shape != other.shape:
        return f"one is {tuple(one.shape)}, the other {tuple(other.shape)}"
    if torch.allclose(one, other, rtol=close, atol=close):
        return None
    apart = (one - other).abs().max().item()
    return f"they differ by up to {apart:.2g}"
