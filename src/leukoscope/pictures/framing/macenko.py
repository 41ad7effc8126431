"""``{macenko: {}}``: the two stains of every picture replaced by those of a reference (Macenko et al. 2009)."""

from __future__ import annotations

from typing import Annotated, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator
from leukoscope.pictures.optical_density import Densities, colours, densities

EXTREME = 1.0
"""Percentile of the angles, from either end, that stands for a pure stain."""
FULL = 99.0
"""Percentile of a stain's concentrations that is brought to the reference's."""
MOST = 2.0
"""No concentration is changed by more than this factor."""
LEAST_ANGLE = 2.0
"""Stains that lie nearer to each other (degrees) cannot be told apart."""

Vector = NDArray[np.float64]
Direction = tuple[float, float, float]


def _basis(pair: Vector) -> Vector:
    rows = np.vstack([pair, np.cross(pair[0], pair[1])])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _angle(pair: Vector) -> float:
    """Return the degrees between two vectors of length 1, 0 to 90."""
    return float(np.degrees(np.arcsin(min(float(np.linalg.norm(np.cross(pair[0], pair[1]))), 1.0))))


def _two_directions(stains: tuple[Direction, Direction]) -> tuple[Direction, Direction]:
    lengths = np.linalg.norm(np.array(stains), axis=1)
    if not lengths.all() or _angle(np.array(stains) / lengths[:, None]) < LEAST_ANGLE:
        raise ValueError("two directions in red, green and blue that differ")
    return stains


class Stains(BaseModel):
    """The two stains of a picture.

    Args:
        stains: Densities in red, green and blue of each stain, of any length; azure, which lets blue light pass, first,
            then what absorbs it: eosin, haemoglobin.
        concentrations: 99th percentile of each stain's concentrations, as multiples of its vector of length 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    stains: Annotated[tuple[Direction, Direction], AfterValidator(_two_directions)]
    concentrations: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]

    @property
    def basis(self) -> Vector:
        """(3, 3): the two stains and what is at right angles to both, as rows of length 1."""
        return _basis(np.array(self.stains))


# Medians over single pictures, by leukoscope.pictures.stain.reference_of.
SMEAR = Stains(stains=((0.4914, 0.8638, 0.1141), (0.5306, 0.6646, 0.5228)), concentrations=(2.420, 0.644))
"""Acevedo et al. 2020 (May-Gruenwald-Giemsa, CC BY 4.0): 120 pictures of each of 8 classes, less 2 without nucleus."""
BLACK = Stains(stains=((0.4660, 0.7859, 0.4026), (0.5267, 0.6886, 0.4952)), concentrations=(2.633, 2.552))
"""1,775 pictures of C-NMC 2019 (folds 0 and 2; Jenner-Giemsa, cut out on black, CC BY 3.0)."""


class Macenko(Operator):
    """Find the two stains of every picture, and put those of a reference in their place at its concentrations.

    After Macenko et al., "A method for normalizing histology slides for quantitative analysis", ISBI 2009, 1107-1110:
    optical density of the stained pixels, its plane by singular values (not centred: no stain, no density), the 1st and
    99th percentile of the angles in it, concentrations scaled by their 99th percentiles. Romanowsky's stains are not
    H&E, whence these differences: the lamp's light is measured in each picture and becomes (245, 245, 245); the stains
    are told apart by their likeness to the reference's; what two stains do not explain (a third direction) is kept, or
    red cells would turn blue; no concentration is changed more than twofold; what is nearly background is hardly
    changed. Pure black stays pure black on black.

    A picture with fewer than 64 stained pixels stays as it is. Where there is but one stain (less than 2 degrees), only
    the lamp's light is brought to the reference.

    Args:
        smear: The reference of pictures in the lamp's light.
        black: The reference of cells that are cut out on black.

    Example:
        >>> blank = np.full((64, 64, 3), 240, dtype=np.uint8)
        >>> bool((Macenko().apply(blank) == blank).all())
        True
    """

    name: ClassVar[str] = "macenko"
    smear: Stains = Field(
        SMEAR,
        description="{stains: [[r, g, b], [r, g, b]], concentrations: [x, y]}: densities of azure and of eosin; "
        "default: Acevedo's smears.",
    )
    black: Stains = Field(BLACK, description="The same for cells cut out on black; default: those of C-NMC.")

    @property
    def size(self) -> None:
        """None: a picture keeps its size."""
        return None

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (h, w, 3) uint8, as large as it came."""
        seen = densities(pixels)
        if seen is None:
            return pixels
        wanted = self.black if seen.on_black else self.smear
        found = stains_of(seen, wanted)
        if found is None:
            return colours(seen.density, seen.hidden)
        change = _change(found, wanted).astype(np.float32)
        added = np.asarray(cv2.transform(seen.density, change.T), dtype=np.float32)
        return colours(seen.density + seen.weight[:, :, None] * added, seen.hidden)


def stains_of(seen: Densities, like: Stains | None = None) -> Stains | None:
    """Return the two stains of a picture; None where they cannot be told apart or one has no concentration.

    Args:
        seen: The picture.
        like: Stains whose order is followed, each to the one it resembles most; azure first where not given: it lets
            blue light pass.
    """
    density = seen.density[seen.stained]
    # The singular vectors of the densities are the eigenvectors of their products.
    _, vectors = np.linalg.eigh((density.T @ density).astype(np.float64))
    plane = vectors[:, [2, 1]] * np.where(vectors[:, [2, 1]].sum(axis=0) < 0, -1, 1)
    along, across = (density @ plane.astype(np.float32)).T
    angles = np.percentile(np.arctan2(across, along), [EXTREME, 100 - EXTREME])
    pair = (plane @ np.array([np.cos(angles), np.sin(angles)])).T
    if _angle(pair) < LEAST_ANGLE:
        return None
    # Which order makes the sum of the two products with the reference the larger one.
    towards_first = np.array([0.0, 0.0, -1.0]) if like is None else like.basis[0] - like.basis[1]
    pair = pair[np.argsort(pair @ towards_first)[::-1]]
    amounts = density @ np.linalg.inv(_basis(pair))[:, :2].astype(np.float32)
    full = np.percentile(amounts, FULL, axis=0)
    return Stains.model_validate({"stains": pair.tolist(), "concentrations": full.tolist()}) if full.min() > 0 else None


def _change(found: Stains, wanted: Stains) -> Vector:
    """Return (3, 3): a row of densities times this is what is to be added to it."""
    factors = np.clip(np.array(wanted.concentrations) / found.concentrations, 1 / MOST, MOST)
    return np.asarray(np.linalg.inv(found.basis) @ np.diag([*factors, 1.0]) @ wanted.basis - np.eye(3))
