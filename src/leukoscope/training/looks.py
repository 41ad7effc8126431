"""What a trained network sees in framed pictures, to hold them beside its training cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from leukoscope.models.cell_look import look_at
from leukoscope.models.network import Network, cells_of
from leukoscope.pictures.batches import CellData, batches
from leukoscope.training.device import as_input

BATCH = 64


def looks_of(network: Network, pixels: npt.NDArray[np.uint8], device: torch.device) -> npt.NDArray[np.float32]:
    """Return what a network sees in framed pictures, (n, d) float32, as they are: no test-time view is made of them.

    Args:
        network: The network, on the device, in evaluation mode.
        pixels: (n, h, w, 3) uint8, RGB, framed.
        device: Where to compute.
    """
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        return look_at(cells_of(network), as_input(pixels, device))


def looks_of_store(
    network: Network, data: CellData, device: torch.device, after_batch: Callable[[int], None] = lambda _: None
) -> npt.NDArray[np.float32]:
    """Return what a network sees in stored cells, (n, d) float32, in their order.

    Args:
        network: The network; it is moved to the device and left in evaluation mode.
        data: The cells, 1 or more.
        device: Where to compute.
        after_batch: Told how many cells were done after each batch, for progress.
    """
    network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    found = []
    for cells in batches(data, BATCH):
        found.append(looks_of(network, cells.pixels, device))
        after_batch(len(cells.index))
    return np.concatenate(found)
