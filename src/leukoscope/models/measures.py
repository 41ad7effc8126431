"""The named measures of a cell as a module, so that they stand beside a backbone's features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.pictures.cell_measures import MEASURES, measure_cells

NAMES: tuple[str, ...] = tuple(measure.name for measure in MEASURES)


class CellMeasures(nn.Module):
    """From a cell's pixels to its named measures (``pictures.cell_measures``), all ten or some.

    It has no parameters and gives no gradient. It counts and traces outlines on the processor, whatever device the
    pixels are on, and cannot be exported with a network.

    Args:
        names: Which, in this order.

    Attributes:
        names: The names of the columns.
    """

    def __init__(self, names: Sequence[str] = NAMES) -> None:
        super().__init__()
        self.names = tuple(names)
        self._columns = [NAMES.index(name) for name in names]

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the measures.

        Args:
            pixels: (n, 3, h, w) float, RGB, 0 to 1.

        Returns:
            (n, ``len(names)``) float32 on the pixels' device: what ``measure_cells`` gives of the same pictures as
            uint8.
        """
        levels = (pixels.detach() * 255).round().clamp(0, 255).to(torch.uint8)
        pictures = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return torch.from_numpy(measure_cells(pictures)[:, self._columns]).to(pixels.device)

    def extra_repr(self) -> str:
        """Return the names for the network's description."""
        return ", ".join(self.names)


def chosen_measures(setting: bool | Sequence[str]) -> tuple[str, ...]:
    """Return the names that a recipe's ``model.measures`` stands for: all, none, or those it names.

    Raises:
        SettingsError: there is no such measure, or one is named twice.
    """
    if isinstance(setting, bool):
        return NAMES if setting else ()
    for name in setting:
        if name not in NAMES or setting.count(name) > 1:
            raise SettingsError(
                f"{name} is named twice." if name in NAMES else f"There is no measure {name!r}.",
                where="model.measures",
                do=f"Take true (all) or some of {', '.join(NAMES)}, each once.",
            )
    return tuple(setting)
