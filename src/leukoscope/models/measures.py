"""The named measures of a cell as a module, so that they stand beside a backbone's features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.pictures import handcrafted
from leukoscope.pictures.cell_measures import MEASURES, CellMeasure, Values, measure_cells

NAMES: tuple[str, ...] = tuple(measure.name for measure in MEASURES)
"""The ten that ``measures: true`` stands for."""
HANDCRAFTED = "handcrafted"
DESCRIBED: dict[str, CellMeasure] = {measure.name: measure for measure in (*MEASURES, *handcrafted.MEASURES)}
"""Every measure that a recipe can name: its unit, its range and what it means."""


class CellMeasures(nn.Module):
    """From a cell's pixels to its named measures: the ten, the hand-crafted ones, or some of either.

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
        known = [*(NAMES if self.has_ten else ()), *(handcrafted.NAMES if self.has_handcrafted else ())]
        self._columns = [known.index(name) for name in names]

    @property
    def has_ten(self) -> bool:
        """Whether some of the ten are among them (``pictures.cell_measures``)."""
        return any(name in NAMES for name in self.names)

    @property
    def has_handcrafted(self) -> bool:
        """Whether hand-crafted ones are among them (``pictures.handcrafted``)."""
        return any(name in handcrafted.NAMES for name in self.names)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the measures.

        Args:
            pixels: (n, 3, h, w) float, RGB, 0 to 1.

        Returns:
            (n, ``len(names)``) float32 on the pixels' device: what ``measure_cells`` and ``measure_all_by_hand`` give
            of the same pictures as uint8.
        """
        levels = (pixels.detach() * 255).round().clamp(0, 255).to(torch.uint8)
        pictures = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return torch.from_numpy(self._measured(pictures)[:, self._columns]).to(pixels.device)

    def _measured(self, pictures: np.ndarray) -> Values:
        """Return the measures of each kind that is asked for, one kind behind the other."""
        found = [measure_cells(pictures)] if self.has_ten else []
        found += [handcrafted.measure_all_by_hand(pictures)] if self.has_handcrafted else []
        return np.concatenate(found, axis=1)

    def extra_repr(self) -> str:
        """Return the names for the network's description."""
        return ", ".join(self.names)


def chosen_measures(setting: bool | str | Sequence[str]) -> tuple[str, ...]:
    """Return the names that a recipe's ``model.measures`` stands for: the ten, the hand-crafted, none, or those named.

    Raises:
        SettingsError: there is no such measure, or one is named twice.
    """
    if isinstance(setting, bool):
        return NAMES if setting else ()
    if setting == HANDCRAFTED:
        return handcrafted.NAMES
    for name in setting:
        if name not in DESCRIBED or setting.count(name) > 1:
            raise SettingsError(
                f"{name} is named twice." if name in DESCRIBED else f"There is no measure {name!r}.",
                where="model.measures",
                do=f"Take true (the ten), {HANDCRAFTED}, or some of {', '.join(DESCRIBED)}, each once.",
            )
    return tuple(setting)
