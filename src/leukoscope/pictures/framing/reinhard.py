"""``{reinhard: {}}``: every picture brought to the same mean and spread of colour (Reinhard et al. 2001)."""

from __future__ import annotations

from typing import Annotated, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator
from leukoscope.pictures.optical_density import WHITE, Densities, Plane, colours, densities, finished

MOST = 2.0
"""The spread of no channel is changed by more than this factor."""

LEAST_RATIO = 2.0
"""Nuclei are so many times denser than red cells and cytoplasm (mean density) at least; else none is in view."""

Vector = NDArray[np.float64]
Lightness = Annotated[float, Field(ge=0, le=100)]
Tint = Annotated[float, Field(ge=-128, le=128)]
Spread = Annotated[float, Field(gt=0, le=128)]


class Colour(BaseModel):
    """Where the stained pixels of a picture lie in CIELAB.

    Args:
        mean: Mean lightness (0 to 100), a* (green to red), b* (blue to yellow).
        sd: Their standard deviations (n in the denominator).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    mean: tuple[Lightness, Tint, Tint]
    sd: tuple[Spread, Spread, Spread]


# Medians over single pictures, by leukoscope.pictures.stain.reference_of.
SMEAR = Colour(mean=(52.24, 29.36, -35.28), sd=(21.78, 18.28, 24.38))
"""Acevedo et al. 2020 (May-Gruenwald-Giemsa, CC BY 4.0): 120 pictures of each of 8 classes, less 2 without nucleus."""
BLACK = Colour(mean=(18.45, 27.79, -22.58), sd=(3.85, 2.67, 3.16))
"""1,775 pictures of C-NMC 2019 (folds 0 and 2; Jenner-Giemsa, cut out on black, CC BY 3.0)."""


class Reinhard(Operator):
    """Bring the stained pixels of every picture to a stated mean and standard deviation in CIELAB, channel by channel.

    After Reinhard, Ashikhmin, Gooch and Shirley, "Color transfer between images", IEEE Computer Graphics and
    Applications 21(5), 2001, 34-41, equations 10 and 11, with these differences: CIELAB (sRGB, D65) in place of their
    l-alpha-beta, whose logarithm has no value for black; only stained pixels are counted and changed; in a smear, dense
    pixels (nuclei; by Otsu's threshold) and pale ones (red cells, cytoplasm) count alike, as two of the paper's
    swatches, so that the number of red cells in view does not matter; no standard deviation is changed more than
    twofold; the lamp's light becomes (245, 245, 245), and nothing in a smear becomes lighter than that. Pure black
    stays pure black on black.

    A picture with fewer than 64 stained pixels stays as it is. Where no nucleus is in view, only the lamp's light is
    brought to the reference.

    Args:
        smear: The reference of pictures in the lamp's light.
        black: The reference of cells that are cut out on black.

    Example:
        >>> blank = np.full((64, 64, 3), 240, dtype=np.uint8)
        >>> bool((Reinhard().apply(blank) == blank).all())
        True
    """

    name: ClassVar[str] = "reinhard"
    smear: Colour = Field(
        SMEAR, description="{mean: [L, a, b], sd: [L, a, b]}: CIELAB of stained pixels; default: Acevedo's smears."
    )
    black: Colour = Field(BLACK, description="The same for cells cut out on black; default: those of C-NMC.")

    @property
    def size(self) -> None:
        """None: a picture keeps its size."""
        return None

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (h, w, 3) uint8, as large as it came."""
        seen = densities(pixels)
        if seen is None:
            return pixels
        lab = _lab(seen)
        counted = _mean_and_sd(lab, seen)
        if counted is None:
            return colours(seen.density, seen.hidden)
        mean, sd = counted
        wanted = self.black if seen.on_black else self.smear
        factor = np.clip(np.array(wanted.sd) / np.maximum(sd, 1e-6), 1 / MOST, MOST)
        moved = np.asarray((lab - mean.astype(np.float32)) * factor.astype(np.float32), dtype=np.float32)
        moved += np.array(wanted.mean, dtype=np.float32)
        if not seen.on_black:
            moved[:, :, 0] = np.minimum(moved[:, :, 0], _lightness_of_white())
        lab += seen.weight[:, :, None] * (moved - lab)
        return finished(255 * np.asarray(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)), seen.hidden)


def colour_of(seen: Densities) -> Colour | None:
    """Return the colour of a picture as ``Reinhard`` counts it, in a light of 245; None where no nucleus is in view."""
    counted = _mean_and_sd(_lab(seen), seen)
    if counted is None:
        return None
    return Colour.model_validate({"mean": counted[0].tolist(), "sd": np.maximum(counted[1], 1e-3).tolist()})


def _lab(seen: Densities) -> Plane:
    """Return (h, w, 3) float32 CIELAB in a light of ``WHITE``."""
    balanced = colours(seen.density, seen.hidden).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(balanced, cv2.COLOR_RGB2Lab), dtype=np.float32)


def _mean_and_sd(lab: Plane, seen: Densities) -> tuple[Vector, Vector] | None:
    """Return mean and deviation of the mixture in which each swatch has the same share."""
    swatches = _swatches(seen)
    if not swatches:
        return None
    counted = np.array([cv2.meanStdDev(lab, mask=swatch) for swatch in swatches], dtype=np.float64)[:, :, :, 0]
    means, deviations = counted[:, 0], counted[:, 1]
    variance = (deviations**2).mean(axis=0) + means.var(axis=0)
    return means.mean(axis=0), np.sqrt(variance)


def _swatches(seen: Densities) -> list[NDArray[np.uint8]]:
    """Return masks of the pale and the dense stained pixels of a smear, or one of a cell on black; none: no nucleus."""
    stained = seen.stained.astype(np.uint8)
    if seen.on_black:
        return [stained]
    strength = cv2.transform(seen.density, np.full((1, 3), 100 / 3, dtype=np.float32))
    levels = np.clip(strength, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels[seen.stained], 0, 255, cv2.THRESH_OTSU)
    dense = stained * (levels > threshold)
    swatches = [stained - dense, dense]
    pale, dark = (cv2.mean(levels, swatch)[0] for swatch in swatches)
    return swatches if dark >= LEAST_RATIO * pale > 0 else []


def _lightness_of_white() -> np.float32:
    grey = np.full((1, 1, 3), WHITE / 255, dtype=np.float32)
    return np.float32(cv2.cvtColor(grey, cv2.COLOR_RGB2Lab)[0, 0, 0])
