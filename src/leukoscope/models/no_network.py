"""No network: what stands in a backbone's place where named measures alone count."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class NoNetwork(nn.Module):
    """Gives no features at all, for pictures of any size; what ``Backbone`` asks of a network is here."""

    def __init__(self) -> None:
        super().__init__()
        self.pretrained_cfg: dict[str, Any] = {
            "mean": (0.0, 0.0, 0.0),
            "std": (1.0, 1.0, 1.0),
            "input_size": (3, 32, 32),
            "classifier": (),
        }
        self.feature_info: list[dict[str, Any]] = []

    def forward_features(self, x: Tensor) -> Tensor:
        """Return maps without channels, (n, 0, 1, 1), of (n, 3, h, w) pixels."""
        return x.new_zeros(x.shape[0], 0, 1, 1)

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Return nothing of each picture, (n, 0), of (n, 0, 1, 1)."""
        del pre_logits
        return x.flatten(1)
