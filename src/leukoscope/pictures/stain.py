"""A reference for stain normalisation, measured in pictures: the settings of ``reinhard`` and ``macenko``."""

from __future__ import annotations

from typing import Any

import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.macenko import Stains, stains_of
from leukoscope.pictures.framing.reinhard import Colour, colour_of
from leukoscope.pictures.optical_density import Densities, densities

DIGITS = 4


def reference_of(*pictures: Pixels) -> dict[str, Any]:
    """Return what to write into a recipe so that every picture is brought to the stain of these.

    Each figure is the median over the pictures (dozens of them make a steadier reference than one).

    Args:
        pictures: (h, w, 3) uint8, RGB, each; all in the lamp's light, or all cut out on black.

    Returns:
        ``{"reinhard": {kind: {"mean": ..., "sd": ...}}, "macenko": {kind: {"stains": ..., "concentrations": ...}}}``,
        where kind is ``smear`` or ``black``.

    Raises:
        DataError: no picture is given, one shows no stain or only one, or the pictures are of both kinds.

    Example:
        >>> from leukoscope.pictures.framing import parse_framing
        >>> field = np.full((40, 40, 3), 250, dtype=np.uint8)
        >>> field[5:20], field[20:35] = (90, 40, 150), (200, 150, 170)
        >>> settings = reference_of(field)
        >>> [round(value) for value in settings["reinhard"]["smear"]["mean"]]
        [47, 33, -27]
        >>> parse_framing([{"reinhard": settings["reinhard"]}]).size is None
        True
    """
    seen = [_seen(pixels, number) for number, pixels in enumerate(pictures, start=1)]
    if len({one.on_black for one in seen}) != 1:
        raise DataError(
            f"A reference needs pictures of one kind; got {sum(one.on_black for one in seen)} cut out on black and "
            f"{sum(not one.on_black for one in seen)} others.",
            do="Ask for each kind by itself.",
        )
    kind = "black" if seen[0].on_black else "smear"
    colour = _medians([_colour(one, number) for number, one in enumerate(seen, start=1)])
    stains = _medians([_stains(one, number) for number, one in enumerate(seen, start=1)])
    return {"reinhard": {kind: colour}, "macenko": {kind: stains}}


def _seen(pixels: Pixels, number: int) -> Densities:
    seen = densities(pixels)
    if seen is None:
        raise DataError(f"Picture {number} shows no stain to speak of: it is blank, or tiny.", do="Leave it out.")
    return seen


def _colour(seen: Densities, number: int) -> Colour:
    colour = colour_of(seen)
    if colour is None:
        raise DataError(f"Picture {number} shows no nucleus: nothing in it is dense.", do="Leave it out.")
    return colour


def _stains(seen: Densities, number: int) -> Stains:
    stains = stains_of(seen)
    if stains is None:
        raise DataError(f"Picture {number} shows a single stain: two cannot be told apart.", do="Leave it out.")
    return stains


def _medians(found: list[Colour] | list[Stains]) -> dict[str, Any]:
    values = [one.model_dump(mode="json") for one in found]
    return {name: np.median([one[name] for one in values], axis=0).round(DIGITS).tolist() for name in values[0]}
