"""Test-time views within a graph: turned, mirrored, cut, whatever the number of pictures."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from leukoscope.pictures.augmentation import View
from leukoscope.pictures.augmentation.parameters import Parameters, rotation
from leukoscope.pictures.augmentation.tensors import PADDINGS, sampling_grid
from leukoscope.pictures.framing.operator import Size
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.views import views_of

MIRROR = np.diag([-1.0, 1.0])
ROWS, COLUMNS = 2, 3


class ViewInGraph(nn.Module):
    """What ``View.of`` does to tensors, of any number of pictures of one size.

    Args:
        view: The view.
        test_time: What fills the corners of a turned view, and how large a crop is.
        size: The pictures' height and width.

    Attributes:
        unchanged: Whether the view is the picture as it is.
    """

    grid: Tensor | None

    def __init__(self, view: View, test_time: TestTimeSettings, size: Size) -> None:
        super().__init__()
        self.unchanged = view == View()
        self.place, self.share, self.fill = view.place, test_time.crop_share, test_time.fill
        linear = rotation(view.degrees)
        moved = Parameters.unchanged(1, self.fill).moved((MIRROR @ linear if view.mirrored else linear)[None])
        self.transposed, self.flipped = False, list[int]()
        grid = None
        whole = np.rint(moved.linear[0])
        across = bool(whole[0, 0] == 0)
        if moved.exact[0] and not (across and size[0] != size[1]):
            self.transposed = across
            signs = whole[[0, 1], [1, 0]] if across else whole[[0, 1], [0, 1]]
            self.flipped = [axis for axis, sign in zip((COLUMNS, ROWS), signs, strict=True) if sign < 0]
        else:
            grid = sampling_grid(moved, np.array([True]), torch.zeros(1, 3, *size))
        self.register_buffer("grid", grid)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the view, (n, 3, h', w') float32, of (n, 3, h, w) float32, 0 to 1."""
        moved = pixels.transpose(ROWS, COLUMNS) if self.transposed else pixels
        moved = moved.flip(self.flipped) if self.flipped else moved
        if self.grid is not None:
            grid = self.grid.expand(pixels.shape[0], -1, -1, -1)
            padding = PADDINGS[self.fill]
            moved = functional.grid_sample(moved, grid, mode="bilinear", padding_mode=padding, align_corners=False)
        return View(place=self.place).of(moved, crop_share=self.share) if self.place is not None else moved


def views_in_graph(test_time: TestTimeSettings, size: Size) -> nn.ModuleList:
    """Return all views of a card as modules, in their order; arguments as of ``ViewInGraph``."""
    return nn.ModuleList(ViewInGraph(view, test_time, size) for view in views_of(test_time))
