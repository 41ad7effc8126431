"""Looking into a network without leaving a trace: evaluation mode meanwhile, each module's own mode afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.pictures.conversion import Pixels


@contextmanager
def looked_into(network: nn.Module) -> Iterator[None]:
    """Put all of a network into evaluation mode; on leaving every module is in the mode it was in.

    Batch-norm keeps its statistics and dropout drops nothing meanwhile. Gradients can be asked for, whatever the
    caller has switched off.
    """
    modes = [(module, module.training) for module in network.modules()]
    nn.Module.train(network, mode=False)
    try:
        with torch.inference_mode(mode=False), torch.enable_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def as_pixels(pictures: Pixels, device: torch.device) -> Tensor:
    """Return (n, h, w, 3) uint8 pictures as (n, 3, h, w) float32 in 0 to 1 on a device."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).to(device).permute(0, 3, 1, 2).float() / 255
