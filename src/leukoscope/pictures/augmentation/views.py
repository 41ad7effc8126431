"""Views of a cell at test time: the same picture turned, mirrored, cut."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from leukoscope.pictures.augmentation.arrays import change_arrays
from leukoscope.pictures.augmentation.parameters import Fill, Floats, Parameters, rotation
from leukoscope.pictures.conversion import Pixels

if TYPE_CHECKING:
    from torch import Tensor

Flips = Literal["none", "horizontal", "both"]
Crops = Literal["none", "five"]
_GOLDEN = (math.sqrt(5) - 1) / 2
_MIRROR = np.diag([-1.0, 1.0])
# Half turns and whether mirrored: top to bottom is half a turn and then left to right.
_FLIPS: dict[Flips, tuple[tuple[int, bool], ...]] = {
    "none": ((0, False),),
    "horizontal": ((0, False), (0, True)),
    "both": ((0, False), (0, True), (1, True), (1, False)),
}
_MIDDLE = (0.5, 0.5)
# How much of the rest lies above and left of the crop; neighbours in this order lie apart.
_CROPS: dict[Crops, tuple[tuple[float, float] | None, ...]] = {
    "none": (None,),
    "five": (_MIDDLE, (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)),
}


@dataclass(frozen=True)
class View:
    """One way of looking at a picture: it is turned, then mirrored, then cut.

    Args:
        degrees: The angle, counter-clockwise about the centre.
        mirrored: Whether left and right change places.
        place: Where the crop lies: the share, 0 to 1, of what is cut away that lies above it, and left of it; None for
            the whole picture.
    """

    degrees: float = 0.0
    mirrored: bool = False
    place: tuple[float, float] | None = None

    @overload
    def of(self, pixels: Pixels, *, crop_share: float = 1.0, fill: Fill = "black") -> Pixels: ...
    @overload
    def of(self, pixels: Tensor, *, crop_share: float = 1.0, fill: Fill = "black") -> Tensor: ...
    def of(self, pixels: Pixels | Tensor, *, crop_share: float = 1.0, fill: Fill = "black") -> Pixels | Tensor:
        """Return this view of each picture of a batch.

        Mirrorings, and quarter turns of square pictures, are exact. A crop keeps the scale: a cell is as large in it as
        in the whole picture, and the network sees a smaller picture.

        Args:
            pixels: (n, h, w, 3) uint8, RGB, or a tensor (n, 3, h, w) float32, 0 to 1, on any device.
            crop_share: Side of a crop as a share of the picture's, above 0 to 1.
            fill: What comes in from outside where a picture is turned.

        Returns:
            The same kind, (n, h, w, 3) or (n, 3, h, w), or of a crop (n, crop_share h, crop_share w, 3), rounded.
        """
        linear = rotation(self.degrees)
        whole = _moved(pixels, _MIRROR @ linear if self.mirrored else linear, fill)
        return whole if self.place is None else _cut(whole, self.place, crop_share)


@functools.cache
def views(rotations: int = 1, flips: Flips = "none", crops: Crops = "none") -> tuple[View, ...]:
    """Return all combinations of rotations, flips and crops, in an order whose beginning is spread over them.

    The first is the picture as it is (or its centre crop). Eight angles come as 0, 225, 90, 315, 180, 45, 270 and 135
    degrees. With an even number of rotations, top to bottom shows nothing that left to right does not; what would be
    seen twice is there once, which leaves the mean over the views as it is.

    Args:
        rotations: Angles, spread evenly over the full turn; 1 or more.
        flips: Each view mirrored too: ``horizontal``, left to right; ``both``, that, top to bottom and both at once.
        crops: ``five``: the centre and the four corners of each view.

    Returns:
        rotations x (1, 2 or 4) x (1 or 5) views, less those that would be there twice.

    Example:
        >>> [view.degrees for view in views(rotations=8)][:5]
        [0.0, 225.0, 90.0, 315.0, 180.0]
        >>> len(views(rotations=8, flips="horizontal", crops="five"))
        80
    """
    turns = _spread(rotations)
    ranks = itertools.product(range(rotations), range(len(_FLIPS[flips])), range(len(_CROPS[crops])))
    found = []
    # Those come first that are early in angle, flip and crop together.
    for turn, flip, crop in sorted(ranks, key=lambda rank: sum(number.bit_length() for number in rank)):
        half_turns, mirrored = _FLIPS[flips][flip]
        # In whole half steps, so that equal angles are equal numbers.
        steps = (2 * turns[turn] + half_turns * rotations) % (2 * rotations)
        found.append(View(180.0 * steps / rotations, mirrored, _CROPS[crops][crop]))
    return tuple(dict.fromkeys(found))


def _spread(count: int) -> list[int]:
    """Return the places 0 to count - 1 of a circle in steps of about the golden section.

    Every beginning is spread over the circle, and of 8 places the exact quarter turns and the interpolated angles
    between them take turns: networks see that the latter are smoother, and answer otherwise.
    """
    steps = (step for step in range(1, count + 1) if math.gcd(step, count) == 1)
    nearest = min(steps, key=lambda step: abs(step - _GOLDEN * count))
    return [number * nearest % count for number in range(count)]


def _moved(pixels: Pixels | Tensor, linear: Floats, fill: Fill) -> Pixels | Tensor:
    if np.array_equal(linear, np.eye(2)):
        return pixels
    still = Parameters.unchanged(len(pixels), fill)
    changed = still.moved(np.tile(linear, (len(pixels), 1, 1)))
    if isinstance(pixels, np.ndarray):
        return change_arrays(pixels, changed)
    from leukoscope.pictures.augmentation.tensors import change_tensors  # noqa: PLC0415 - torch only for tensors

    return change_tensors(pixels, changed)


def _cut(pixels: Pixels | Tensor, place: tuple[float, float], share: float) -> Pixels | Tensor:
    rows = 1 if isinstance(pixels, np.ndarray) else 2
    for axis, along in zip((rows, rows + 1), place, strict=True):
        side = pixels.shape[axis]
        kept = max(1, round(share * side))
        first = int(along * (side - kept))
        pixels = pixels[(*[slice(None)] * axis, slice(first, first + kept))]
    return pixels
