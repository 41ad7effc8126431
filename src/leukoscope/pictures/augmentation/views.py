"""Views of a cell at test time: the same picture turned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, overload

import numpy as np

from leukoscope.pictures.augmentation.arrays import change_arrays
from leukoscope.pictures.augmentation.parameters import Fill, Parameters, rotation
from leukoscope.pictures.conversion import Pixels

if TYPE_CHECKING:
    from torch import Tensor


@overload
def rotated(pixels: Pixels, degrees: float, fill: Fill = "black") -> Pixels: ...
@overload
def rotated(pixels: Tensor, degrees: float, fill: Fill = "black") -> Tensor: ...
def rotated(pixels: Pixels | Tensor, degrees: float, fill: Fill = "black") -> Pixels | Tensor:
    """Turn all pictures of a batch about their centres, counter-clockwise; quarters of square pictures are exact.

    Args:
        pixels: (n, h, w, 3) uint8, RGB, or a tensor (n, 3, h, w) float32, 0 to 1, on any device.
        degrees: The angle.
        fill: What comes in from outside.

    Returns:
        The same kind and shape, new.
    """
    still = Parameters.unchanged(len(pixels), fill)
    turned = still.moved(np.tile(rotation(degrees), (len(pixels), 1, 1)))
    if isinstance(pixels, np.ndarray):
        return change_arrays(pixels, turned)
    from leukoscope.pictures.augmentation.tensors import change_tensors  # noqa: PLC0415 - torch only for tensors

    return change_tensors(pixels, turned)


@overload
def rotations(pixels: Pixels, count: int, fill: Fill = "black") -> Iterator[Pixels]: ...
@overload
def rotations(pixels: Tensor, count: int, fill: Fill = "black") -> Iterator[Tensor]: ...
def rotations(pixels: Pixels | Tensor, count: int, fill: Fill = "black") -> Iterator[Pixels | Tensor]:
    """Give views of a batch, spread evenly over the full turn; the first is the batch as it is. One is made at a time.

    Args:
        pixels: As for ``rotated``.
        count: Number of views, 1 or more.
        fill: What comes in from outside.
    """
    for view in range(count):
        yield rotated(pixels, 360.0 * view / count, fill)
