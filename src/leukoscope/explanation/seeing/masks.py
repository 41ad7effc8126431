"""Where the cell lies in a framed picture: by its black background, by its stain, or by a mask that people drew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_outline import outline_cell
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import CenterCrop, Clahe, Framing, Resize
from leukoscope.pictures.optical_density import Mask

GEOMETRIC = (CenterCrop, Resize)
"""The framing steps that do to a mask what they do to its picture, whatever is in it."""
HALF = 128
ON_BLACK = "what is not black"
OUTLINED = "outlined from the stain"
DRAWN = "the data set's own mask"
NOT_FOUND = "no nucleus found: a disc in the middle"


@dataclass(frozen=True, eq=False)
class CellMask:
    """Where a cell lies.

    Args:
        mask: (h, w) bool, nucleus and cytoplasm.
        how: How it was found, in words.
    """

    mask: Mask
    how: str


def cell_mask(picture: Pixels) -> CellMask:
    """Return where the cell lies: on black all that is not black, in a smear what ``outline_cell`` finds.

    Args:
        picture: (h, w, 3) uint8, RGB, framed.
    """
    light = cell_light(picture)
    if light.on_black:
        return CellMask(~light.hidden, ON_BLACK)
    outline = outline_cell(picture, light)
    return CellMask(outline.cell, OUTLINED if outline.found else NOT_FOUND)


def on_its_black(framing: Framing) -> Framing:
    """Return a framing without the step that lights up pure black, so that a cell's background is known by it.

    Args:
        framing: A network's framing; where things lie is the same without that step.
    """
    return Framing(tuple(step for step in framing.steps if not isinstance(step, Clahe)))


def takes_masks(framing: Framing) -> bool:
    """Return whether a mask can go through a framing as its picture does."""
    return all(isinstance(step, GEOMETRIC) for step in framing.steps)


def framed_mask(path: Path, framing: Framing, shape: tuple[int, int]) -> CellMask:
    """Return a mask from its file, framed as its picture is.

    Args:
        path: The mask: 0 the rest, anything above the cell (cytoplasm, nucleus).
        framing: The picture's framing.
        shape: Height and width of the picture before its framing, which the mask must have too.

    Raises:
        SettingsError: a step of the framing looks at the picture or changes its colours: nothing says what it would do
            to a mask.
        DataError: the mask cannot be read, or is of another size than its picture.
    """
    for step in framing.steps:
        if not isinstance(step, GEOMETRIC):
            raise SettingsError(
                f"A mask cannot go through the framing step {step.name}: it depends on the picture's own pixels.",
                where="framing",
                do="Masks go through center_crop and resize; leave the masks out, or take a network framed so.",
            )
    drawn = np.asarray((decode(path).pixels > 0).any(axis=2))
    if drawn.shape != shape:
        sizes = f"{drawn.shape[0]} x {drawn.shape[1]} px, its picture {shape[0]} x {shape[1]}"
        raise DataError(f"The mask has {sizes}.", where=str(path))
    pixels = np.repeat(drawn[..., None].astype(np.uint8) * 255, 3, axis=2)
    return CellMask(framing.apply(pixels)[..., 0] >= HALF, DRAWN)
