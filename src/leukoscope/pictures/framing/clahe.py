"""``{clahe: {clip: 2.0, tiles: 8}}``: local contrast made alike, in brightness alone."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np
from pydantic import Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator


class Clahe(Operator):
    """Contrast-limited adaptive histogram equalisation of brightness: Y of YUV; the colour (U, V) stays as it is.

    Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994, 474-485, as OpenCV has it.
    Baldi & Cioffo 2021 tried it before training ("nothing significant"), with a clip limit of 2.0 and 8 x 8 tiles°.

    Black does not stay pure black: C-NMC's becomes 2 or 3. What knows the background by its black (``threshold_crop``,
    stain normalisation) must come before; pooling over the cell is refused with it.

    ° From the authors' notebooks, not from the report.

    Args:
        clip: Limit of the contrast: a level's count in a tile is cut at so many times the mean count.
        tiles: Tiles along either side.

    Example:
        >>> grey = np.full((64, 64, 3), 90, dtype=np.uint8)
        >>> Clahe().apply(grey).shape
        (64, 64, 3)
    """

    name: ClassVar[str] = "clahe"
    clip: float = Field(2.0, gt=0, le=255, description="Limit of the contrast, in mean counts of a tile's levels.")
    tiles: int = Field(8, ge=1, le=64, description="Tiles along either side of the picture.")

    @property
    def size(self) -> None:
        """None: a picture keeps its size."""
        return None

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (h, w, 3) uint8, as large as it came."""
        yuv = np.array(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV))
        equalise = cv2.createCLAHE(clipLimit=self.clip, tileGridSize=(self.tiles, self.tiles))
        yuv[:, :, 0] = equalise.apply(np.ascontiguousarray(yuv[:, :, 0]))
        return np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB), dtype=np.uint8)
