"""Pooling over the cell alone: the mean and the deviation of each channel of several stages, without the background."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

VERSION = 1
"""Goes up whenever the same maps and pixels give another vector: kept features are then computed anew."""
DARKEST = 0.5 / 255
"""A pixel that has no channel above this is pure black: background, or the margin of a turned picture."""
LEAST = 1e-12
"""The variance of a channel that does not vary; its root has a gradient still."""
FEWEST = 100
"""A cell that has fewer pixels within its rim is pooled with the rim."""


class CellPooling(nn.Module):
    """From feature maps of several stages to one vector a cell: what the cell's texture is like, whatever its size.

    The mean and the standard deviation of each channel over the cell's pixels are the style statistics of Huang &
    Belongie 2017 (Arbitrary style transfer, ICCV), here within a mask. The cell is what is not pure black. A picture
    whose background is not black is pooled as a whole, black corners of turned views aside.

    Along the cell's outline a network sees the step to black: a rim can be left out. It is counted along rows and
    columns, and not at the picture's own border, where the cell may go on.

    A map's pixel counts by the share of it that is cell (area average of the mask, 0 to 1). A picture without any
    pixel of a cell gives zeros. There are no parameters; the maps get a gradient, the mask none.

    Args:
        stages: Names of the stages whose maps are given, in order.
        rim: Width in px of the picture of what is left out within the outline.
    """

    def __init__(self, stages: Sequence[str], *, rim: int = 0) -> None:
        super().__init__()
        self.stages, self.rim = tuple(stages), rim

    def forward(self, maps: Sequence[Tensor], pixels: Tensor) -> Tensor:
        """Return the statistics.

        Args:
            maps: One a stage, (n, c, h', w') each, of any size and number of channels.
            pixels: (n, 3, h, w), RGB, 0 to 1, not normalised: the picture that the maps were made of.

        Returns:
            (n, sum of 2 c), of the maps' type: for each stage its c means, then its c deviations.
        """
        cell = within(cell_pixels(pixels), self.rim)
        return torch.cat([_statistics(found, cell) for found in maps], dim=1)

    def extra_repr(self) -> str:
        """Return the stages and the rim for the network's description."""
        return f"{', '.join(self.stages)}, rim={self.rim}"


def cell_pixels(pixels: Tensor) -> Tensor:
    """Return which pixels are not pure black, (n, 1, h, w), 0 or 1 in the pixels' type, of (n, 3, h, w) in 0 to 1."""
    return (pixels.detach() > DARKEST).any(dim=1, keepdim=True).to(pixels.dtype)


def within(cell: Tensor, rim: int) -> Tensor:
    """Return masks without the pixels that lie within ``rim`` px of one that is not in them.

    Args:
        cell: (n, 1, h, w), 0 and 1.
        rim: In px; 0 takes nothing away. A mask of which fewer than ``FEWEST`` pixels would be left stays whole.
    """
    if not rim:
        return cell
    # The largest of what is outside, along rows and then along columns: what it reaches is rim.
    reached = functional.max_pool2d(1 - cell, (1, 2 * rim + 1), stride=1, padding=(0, rim))
    inner = 1 - functional.max_pool2d(reached, (2 * rim + 1, 1), stride=1, padding=(rim, 0))
    return torch.where(inner.sum(dim=(1, 2, 3), keepdim=True) < FEWEST, cell, inner)


def _statistics(maps: Tensor, cell: Tensor) -> Tensor:
    """Return each channel's mean, then its deviation, (n, 2 c), over the pixels of the map that are cell."""
    least = max(LEAST, torch.finfo(maps.dtype).tiny)  # half precision knows nothing as small
    share = functional.adaptive_avg_pool2d(cell, (maps.shape[2], maps.shape[3])).to(maps.dtype).flatten(1).unsqueeze(2)
    total = share.sum(dim=1)
    weights = share / total.clamp(min=least).unsqueeze(2)
    values = maps.flatten(2)
    mean = values @ weights
    # The deviations are squared, not the values: a channel with a large mean would lose its digits.
    variance = ((values - mean).square() @ weights).squeeze(2)
    deviation = variance.clamp(min=least).sqrt() * (total > 0)
    return torch.cat([mean.squeeze(2), deviation], dim=1)
