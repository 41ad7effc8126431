"""A sheet of a layer's channels: the cell, then each channel in one scale of colours."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

from leukoscope.explanation.overlay import Floats32
from leukoscope.explanation.seeing.activations import Activations
from leukoscope.explanation.seeing.drawing import Tile, write_tiles
from leukoscope.pictures.conversion import Pixels

SCALE = "viridis"
"""Equal steps of it look equal, also to the colour-blind and in grey (van der Walt & Smith 2015)."""
COLUMNS = 6
SAID = {"most_active": "the most active", "first": "the first"}


def write_activation_sheet(path: Path, picture: Pixels, found: Activations, *, name: str = "") -> Path:
    """Write the cell and the channels, each with its number and range; dark is low, yellow high, one scale for all.

    Args:
        path: The png to write.
        picture: (h, w, 3) uint8, RGB: the cell as the network takes it.
        found: The activations.
        name: What the cell is called.
    """
    low, high = float(found.maps.min()), float(found.maps.max())
    tiles = [Tile(picture, (name or "the cell", f"{len(found.channels)} of {found.of} channels"))]
    for channel, values in zip(found.channels, found.maps, strict=True):
        said = (f"channel {channel}", f"{values.min():.3g} to {values.max():.3g}")
        tiles.append(Tile(coloured(values, low, high), said, sharp=True))
    title = (
        f"Layer {found.layer}: {SAID[found.which]} {len(found.channels)} of {found.of} channels, "
        f"maps of {found.maps.shape[1]} by {found.maps.shape[2]}; colours from {low:.3g} (dark) to {high:.3g} (yellow)"
    )
    rows = [tiles[start : start + COLUMNS] for start in range(0, len(tiles), COLUMNS)]
    return write_tiles(path, rows, title=title)


def coloured(values: Floats32, low: float, high: float) -> Pixels:
    """Return (h, w) float32 values as (h, w, 3) uint8 colours of the scale from ``low`` to ``high``.

    Example:
        >>> coloured(np.zeros((1, 2), np.float32), 0, 0).shape
        (1, 2, 3)
    """
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    colours: Pixels = np.round(mpl.colormaps[SCALE](share)[..., :3] * 255).astype(np.uint8)
    return colours
