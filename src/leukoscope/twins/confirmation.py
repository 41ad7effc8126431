"""Whether two pictures show one cell: their pixels, laid upon one another, and their outlines.

The numbers behind the thresholds were measured with ``benchmarks/bench_twins.py`` on 4,780 different pictures (C-NMC,
Lyon, PBC and others). On black, the correlation of two different cells reached 0.42 at most; of cells that were
photographed twice it was 0.68 at least, the median 0.88. In fields it reached 0.64 for two different cells (blurred
pictures of 100 pixels; 0.45 in those of 224 and more), and was 0.89 at least for one cell. The thresholds lie in these
gaps; above them, copies that were turned, mirrored, shifted, rescaled, recoloured and recompressed all at once are
still found in 99 of 100 cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.twins.alignment import NOISE, REACH, Move, align
from leukoscope.twins.figures import FIELD, RADIUS, Figure
from leukoscope.twins.portraits import portrait
from leukoscope.twins.texture import correlation, texture, without_rings
from leukoscope.twins.turning import turns

ON_BLACK, IN_A_FIELD = 0.60, 0.74
"""Least correlation of one cell's two pictures."""
OUTLINE = 0.93
"""Least overlap of two outlines, where there are outlines."""
SHARED = 0.5
"""Least overlap of two fields."""
STRETCH, FIELD_STRETCH = 1.045, 1.03
"""Largest ratio of the scales along two axes: one cell on black gave 1.035 at most, one field 1.025; half of the pairs
of different cells need more than 1.06 to look alike."""
CENTRED = 0.12
"""Largest shift of a field, in sides of the picture: farther off the middle of the picture is another cell. Crops that
differ by 8 pixels give 0.05 at 224 pixels and 0.12 at 96; neighbouring cells that touch are 0.2 apart."""
SCALE, FIELD_SCALE = 1.06, 1.15
"""Largest change of scale: a mask was scaled to one area before, a field to one side of its picture."""
TRIED = 2
RIM = 6
"""Pixels of a figure (of a radius of 40) inside a cell's outline that are left out of its texture: rims are alike."""
SMOOTHING, NOISE_ON_BLACK = 0.8, 0.1
FINE, FINE_NOISE = 2.0, 0.5


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike two figures are when one is laid upon the other.

    Args:
        texture: Correlation (-1 to 1) of the fine texture; of a cell on black without its rim.
        whole: Correlation of the coarser texture over all that both show.
        overlap: What both show, as a share (0 to 1) of what either shows: of a cell on black, of its outline.
        shift: How far the middles of the two pictures lie apart, in sides of the picture; 0 of cells on black, where
            there is only one cell to a picture.
        move: How the second lies to the first.
        on_black: Whether they are cells on black.
    """

    texture: float
    whole: float
    overlap: float
    shift: float
    move: Move
    on_black: bool

    @property
    def correlation(self) -> float:
        """The lower of the two correlations."""
        return min(self.texture, self.whole)

    @property
    def same_cell(self) -> bool:
        """Whether both show one cell, and both were taken of it."""
        return self.agree and self.shift <= CENTRED

    @property
    def agree(self) -> bool:
        """Whether outline and texture both agree."""
        largest, smallest = self.move.scales
        most, stretch = (SCALE, STRETCH) if self.on_black else (FIELD_SCALE, FIELD_STRETCH)
        if largest > stretch * smallest or largest > most or smallest * most < 1:
            return False
        least = (ON_BLACK, OUTLINE) if self.on_black else (IN_A_FIELD, SHARED)
        return self.correlation >= least[0] and self.overlap >= least[1]


def compare(one: Figure, two: Figure) -> Likeness | None:
    """Return how alike two figures are at the turn that suits them best; None of figures that cannot be compared.

    Args:
        one: The first.
        two: The second; what cannot be compared is a cell on black with a field, and a figure without features.
    """
    waves = portrait(one), portrait(two)
    if one.on_black != two.on_black or waves[0] is None or waves[1] is None:
        return None
    textures = [texture(cell.grey, cell.weight, REACH, NOISE) for cell in (one, two)]
    seen: list[Likeness] = []
    for turn in turns(waves[0], waves[1], TRIED):
        move = align(textures[0], textures[1], turn)
        seen.append(_laid_upon(one, two, textures, move))
        if seen[-1].agree:
            return seen[-1]
    return max(seen, key=lambda likeness: likeness.correlation)


def _laid_upon(one: Figure, two: Figure, textures: list[np.ndarray], move: Move) -> Likeness:
    first, second = one.weight > 0.5, move.apply(two.weight) > 0.5  # noqa: PLR2004 (half a pixel)
    both = (first & second).astype(np.float32)
    overlap = float(both.sum()) / max(int(np.count_nonzero(first | second)), 1)
    whole = _correlation(textures[0], move.apply(textures[1]), both)
    greys = [one.grey, move.apply(two.grey)]
    if one.on_black:
        both = _without_rim(both)
        fine = [texture(cv2.GaussianBlur(grey, (0, 0), SMOOTHING), both, REACH, NOISE_ON_BLACK) for grey in greys]
    else:
        fine = [texture(grey, both, FINE, FINE_NOISE) for grey in greys]
    shift = 0.0 if one.on_black else math.dist(move.point(*one.middle), two.middle) / RADIUS * FIELD
    return Likeness(_correlation(fine[0], fine[1], both), whole, overlap, shift, move, one.on_black)


def _correlation(one: np.ndarray, two: np.ndarray, weight: np.ndarray) -> float:
    return correlation(without_rings(one, weight), without_rings(two, weight), weight)


def _without_rim(mask: np.ndarray) -> np.ndarray:
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
    return np.asarray(cv2.erode(mask, around, borderType=cv2.BORDER_CONSTANT, borderValue=0))
