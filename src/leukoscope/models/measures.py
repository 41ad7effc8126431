"""The named measures of a cell as a module, so that they stand beside a backbone's features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from leukoscope.pictures.cell_measures import MEASURES, measure_cells


class CellMeasures(nn.Module):
    """From a cell's pixels to its ten named measures (``pictures.cell_measures``).

    It has no parameters and gives no gradient. It counts and traces outlines on the processor, whatever device the
    pixels are on, and cannot be exported with a network.

    Attributes:
        names: The names of the columns.
    """

    names: tuple[str, ...] = tuple(measure.name for measure in MEASURES)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the measures.

        Args:
            pixels: (n, 3, h, w) float, RGB, 0 to 1.

        Returns:
            (n, 10) float32 on the pixels' device: what ``measure_cells`` gives of the same pictures as uint8.
        """
        levels = (pixels.detach() * 255).round().clamp(0, 255).to(torch.uint8)
        pictures = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return torch.from_numpy(measure_cells(pictures)).to(pixels.device)
