"""The words that a kind of cell is described in: nucleus, cytoplasm, granules, as small tables of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from leukoscope.drawn.stains import Stain

Shape = Literal["oval", "kidney", "folded", "band", "lobes", "smudge"]
CLIP = 2.0


class About(NamedTuple):
    """A quantity that varies: normal about a middle, never further than two deviations from it.

    Args:
        middle: Its mean.
        deviation: Its standard deviation before clipping.
    """

    middle: float
    deviation: float = 0.0

    def draw(self, generator: np.random.Generator) -> float:
        """Draw one value."""
        return self.middle + self.deviation * float(np.clip(generator.standard_normal(), -CLIP, CLIP))


_NUCLEUS_ELONGATION, _CELL_ELONGATION = About(1.1, 0.06), About(1.08, 0.05)
_DENSITY, _CLUMPS = About(0.95, 0.06), About(0.35, 0.06)


@dataclass(frozen=True)
class Nucleus:
    """A nucleus and what is in it.

    Args:
        size: Its diameter as a share of the cell's (a lobed or bent nucleus: of the disc it is laid out in).
        shape: ``oval``; ``kidney`` (dented on one side); ``folded`` (irregular, dented, creased); ``band`` (a bent
            rod); ``lobes`` (knots on a thread); ``smudge`` (burst).
        lobes: Fewest and most lobes (``lobes`` only).
        elongation: Length over width.
        wobble: How irregular its outline is, as a share of its radius.
        offset: How far it lies from the cell's centre, as a share of the room that it leaves (0 to 1).
        density: How much stain the chromatin takes; 1 is a ripe granulocyte's.
        clumps: Contrast of the chromatin, from 0 (ground glass) to 1 (blocks with white gaps).
        grain: Size of the clumps, micrometres.
        nucleoli: Fewest and most pale nucleoli.
        edge: How soft its margin is, micrometres.
        blueness: How blue its chromatin is beside its purple; 1 is usual, less is redder.
    """

    size: About
    shape: Shape = "oval"
    lobes: tuple[int, int] = (3, 4)
    elongation: About = _NUCLEUS_ELONGATION
    wobble: float = 0.05
    offset: float = 0.5
    density: About = _DENSITY
    clumps: About = _CLUMPS
    grain: float = 1.0
    nucleoli: tuple[int, int] = (0, 0)
    edge: float = 0.35
    blueness: float = 1.0


@dataclass(frozen=True)
class Cytoplasm:
    """The cytoplasm.

    Args:
        stain: What it takes up.
        mottle: Unevenness of its stain, a share of it.
        rim: How much more blue its margin is, as an amount of stain.
        halo: How pale the zone beside the nucleus is (0 to 1).
        vacuoles: Fewest and most vacuoles.
    """

    stain: Stain
    mottle: float = 0.12
    rim: float = 0.0
    halo: float = 0.0
    vacuoles: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Granules:
    """Granules of one sort.

    Args:
        stain: What they take up.
        density: Granules on a square micrometre.
        radius: Their radius, micrometres.
        over_nucleus: Share of them that hides the nucleus too (0 to 1).
    """

    stain: Stain
    density: About
    radius: About
    over_nucleus: float = 0.0


@dataclass(frozen=True)
class CellKind:
    """What cells of one kind look like; lengths in micrometres on a smear.

    Args:
        name: Short name.
        title: Its name in words.
        diameter: Diameter of the cell.
        cytoplasm: Its cytoplasm.
        nucleus: Its nucleus; None for a platelet.
        granules: Its granules, in the order they are painted.
        elongation: Length over width of the cell.
        wobble: How irregular its outline is, as a share of its radius.
        ragged: How frayed its edge is, micrometres.
    """

    name: str
    title: str
    diameter: About
    cytoplasm: Cytoplasm
    nucleus: Nucleus | None
    granules: tuple[Granules, ...] = ()
    elongation: About = _CELL_ELONGATION
    wobble: float = 0.05
    ragged: float = 0.0
