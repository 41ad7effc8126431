"""What a layer makes of one cell: its channels as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.explanation.overlay import Floats32
from leukoscope.explanation.seeing.layers import layer_maps
from leukoscope.explanation.seeing.state import as_pixels
from leukoscope.models.cell_model import CellModel
from leukoscope.pictures.conversion import Pixels

Which = Literal["most_active", "first"]
NUMBER = 16


@dataclass(frozen=True, eq=False)
class Activations:
    """Some channels of a layer for one cell.

    Args:
        layer: Its name.
        which: ``most_active``: those of the largest mean absolute value; ``first``: as the layer numbers them.
        channels: Their numbers, from 0.
        of: How many channels the layer has.
        maps: (k, h', w') float32, as the layer gives them.
    """

    layer: str
    which: Which
    channels: list[int]
    of: int
    maps: Floats32


def activations_of(
    network: CellModel, picture: Pixels, layer: str, *, which: Which = "most_active", number: int = NUMBER
) -> Activations:
    """Return a layer's activations for one cell; the network is left as it was.

    Args:
        network: A network of cells.
        picture: (h, w, 3) uint8, RGB, framed.
        layer: The layer's dotted name, as of ``layer_names``.
        which: Which channels.
        number: How many at most, 1 or more.

    Raises:
        SettingsError: there is no such layer, it gives no feature maps, or the network does not use it.
    """
    if number < 1:
        raise SettingsError(f"A sheet needs at least 1 channel; got {number}.", where="number")
    maps = layer_maps(network, layer, as_pixels(picture[None], network.mean.device))[0].float().cpu().numpy()
    order = np.arange(len(maps)) if which == "first" else np.argsort(-np.abs(maps).mean(axis=(1, 2)), kind="stable")
    chosen = order[:number]
    return Activations(layer, which, chosen.tolist(), len(maps), maps[chosen])
