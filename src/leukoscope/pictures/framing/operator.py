"""What every framing operator is: a step with a version that turns one picture into another, always the same way."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.steps import Step

Size = tuple[int, int]
LARGEST_SIDE = 4_096


class Operator(Step):
    """A deterministic step, fitted on nothing.

    Attributes:
        version: Raised whenever the same picture would come out differently, so that old stores are not used.
    """

    version: ClassVar[int] = 1

    @abstractmethod
    def apply(self, pixels: Pixels) -> Pixels:
        """Return the changed picture.

        Args:
            pixels: (h, w, 3) uint8, RGB.
        """

    @property
    @abstractmethod
    def size(self) -> Size | None:
        """Height and width that come out; None where they are those that go in."""


def height_and_width(value: int | Size) -> Size:
    """Return (height, width) of a setting that may be one number for both."""
    return (value, value) if isinstance(value, int) else value


def _checked(value: object) -> object:
    sides = value if isinstance(value, (list, tuple)) and len(value) == 2 else [value]  # noqa: PLR2004 - a pair
    if all(isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= LARGEST_SIDE for side in sides):
        return value
    raise ValueError(f"a whole number from 1 to {LARGEST_SIDE}, or two as [height, width]")


Sides = Annotated[int | Size, BeforeValidator(_checked)]
"""A side of a square in pixels, or [height, width]."""
