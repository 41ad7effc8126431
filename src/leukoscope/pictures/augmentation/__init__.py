"""Augmentation: random changes of cells, in training only, drawn for each cell from (seed, epoch, id).

A change is one file here and one line in ``AUGMENTATIONS``. The geometric ones together are one warp, in the order in
which they are written; then come gain, contrast and noise, whatever their order. Two backends apply what was drawn:
arrays on the CPU (OpenCV) and batched tensors on their device (PyTorch).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.augmentation.arrays import change_arrays
from leukoscope.pictures.augmentation.brightness import Brightness
from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.channels import Channels
from leukoscope.pictures.augmentation.contrast import Contrast
from leukoscope.pictures.augmentation.fill import FillWith
from leukoscope.pictures.augmentation.flip import Flip
from leukoscope.pictures.augmentation.noise import Noise
from leukoscope.pictures.augmentation.parameters import Fill, Parameters
from leukoscope.pictures.augmentation.rotate import Rotate
from leukoscope.pictures.augmentation.translate import Translate
from leukoscope.pictures.augmentation.views import View, views
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.steps import named, parse_steps
from leukoscope.randomness import integer

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "AUGMENTATIONS",
    "Augmentation",
    "Change",
    "Fill",
    "Parameters",
    "View",
    "parse_augmentation",
    "views",
]

_CHANGES = (Flip, Rotate, Translate, FillWith, Brightness, Channels, Contrast, Noise)
AUGMENTATIONS: dict[str, type[Change]] = {change.name: change for change in _CHANGES}
"""The random changes there are, by the name that recipes use."""


@dataclass(frozen=True)
class Augmentation:
    """Random changes.

    Args:
        steps: Each kind at most once.

    Example:
        >>> augmentation = parse_augmentation([{"flip": 0.5}, {"rotate": 360}])
        >>> drawn = augmentation.draw(1, 0, ["a", "b"])
        >>> augmentation.on_arrays(np.zeros((2, 8, 8, 3), dtype=np.uint8), drawn).shape
        (2, 8, 8, 3)
    """

    steps: tuple[Change, ...] = ()

    def draw(self, seed: int, epoch: int, ids: Sequence[str]) -> Parameters:
        """Draw the changes of some cells; a cell's depend on nothing but the arguments and its own id.

        Args:
            seed: The run's.
            epoch: From 0.
            ids: The n cells' names.

        Returns:
            Parameters of n cells.
        """
        seeds = np.array([integer(seed, "augmentation", epoch, name) for name in ids], dtype=np.uint64)
        parameters = Parameters.unchanged(len(ids))
        for step in self.steps:
            parameters = step.drawn(parameters, seeds)
        return parameters

    def on_arrays(self, pixels: Pixels, parameters: Parameters) -> Pixels:
        """Apply drawn changes to (n, h, w, 3) uint8 on the CPU.

        Raises:
            DataError: the number of pictures and of drawn changes differ.
        """
        _refuse_other_number(len(pixels), parameters)
        return change_arrays(pixels, parameters)

    def on_tensors(self, pixels: Tensor, parameters: Parameters) -> Tensor:
        """Apply drawn changes to (n, 3, h, w) float32 from 0 to 1, on its device.

        Raises:
            DataError: the number of pictures and of drawn changes differ.
        """
        from leukoscope.pictures.augmentation.tensors import change_tensors  # noqa: PLC0415 - torch only for tensors

        _refuse_other_number(len(pixels), parameters)
        return change_tensors(pixels, parameters)

    def spec(self) -> list[dict[str, Any]]:
        """Return the steps as plain JSON values that ``parse_augmentation`` reads."""
        return [step.entry() for step in self.steps]


def parse_augmentation(entries: Sequence[Mapping[str, Any]], setting: str = "augmentation") -> Augmentation:
    """Read an augmentation as a recipe writes it.

    Args:
        entries: ``[{"flip": 0.5}, {"rotate": 360}, {"translate": 0.2}, {"fill": "edge"}]``.
        setting: The list's name in the recipe, for errors.

    Raises:
        SettingsError: unknown changes, wrong values (all faults at once), or one kind twice.
    """
    steps = parse_steps(entries, AUGMENTATIONS, setting)
    names = [step.name for step in steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f"The {named(setting)} names a change twice: {', '.join(twice)}.", do="Keep one of them.")
    return Augmentation(steps)


def _refuse_other_number(count: int, parameters: Parameters) -> None:
    if count != len(parameters):
        raise DataError(f"There are {count} pictures but changes for {len(parameters)}.")
