"""Networks of our own, beside timm's: each a class here and a line in ``OWN_NETWORKS``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import prod
from typing import Any

from torch import Tensor, nn

from leukoscope.errors import SettingsError

FILTERS = 32
POOLING = (2, 2, 3, 5)


class FourConvolutions(nn.Module):
    """The network that Baldi & Cioffo 2021 trained from scratch, without its head.

    Four times: a 3x3 convolution with zero padding, ReLU, max-pooling without overlap. The filters double from 32 to
    256, the pooling takes 2, 2, 3 and 5 px at a time: 300 x 300 px become maps of 256 x 5 x 5. Pixels are taken as they
    are, in 0 to 1. Weights start as in Keras, Glorot-uniform with zero biases (Glorot & Bengio 2010), drawn from
    torch's generator.

    What ``Backbone`` asks of a timm network is here under timm's names.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pretrained_cfg: dict[str, Any] = {
            "mean": (0.0, 0.0, 0.0),
            "std": (1.0, 1.0, 1.0),
            "input_size": (3, 300, 300),
            "classifier": (),
        }
        self.feature_info: list[dict[str, Any]] = []
        given = 3
        for place, pooled in enumerate(POOLING):
            filters = FILTERS * 2**place
            self.add_module(f"block{place + 1}", _block(given, filters, pooled))
            given = filters

    def forward_features(self, x: Tensor) -> Tensor:
        """Return feature maps, (n, 256, h // 60, w // 60), of (n, 3, h, w) float32 pixels.

        Raises:
            SettingsError: a picture is less than 60 px high or wide (less, where the network is cut).
        """
        height, width = x.shape[-2:]
        kept = sum(isinstance(block, nn.Sequential) for block in self.children())
        least = prod(POOLING[:kept])
        if min(height, width) < least:
            raise SettingsError(
                f"four_convolutions takes pictures of {least} x {least} px or more; these have {height} x {width}.",
                where="model.backbone",
                do=f"End the framing with {{resize: {least}}} or more, or take another backbone.",
            )
        for block in self.children():
            x = block(x)
        return x

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Return each map's average, (n, 256), of (n, 256, h', w'); there is no classifier to leave out."""
        del pre_logits
        return x.mean(dim=(2, 3))


OWN_NETWORKS: dict[str, Callable[[], nn.Module]] = {"four_convolutions": FourConvolutions}


def _block(given: int, filters: int, pooled: int) -> nn.Module:
    convolution = nn.Conv2d(given, filters, 3, padding=1)
    nn.init.xavier_uniform_(convolution.weight)
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]  # there is one
    layers = [("conv", convolution), ("act", nn.ReLU()), ("pool", nn.MaxPool2d(pooled))]
    return nn.Sequential(OrderedDict(layers))
