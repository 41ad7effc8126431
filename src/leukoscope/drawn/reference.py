"""Drawn pictures that a bundle is tested with: always the same, and of every sort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leukoscope.drawn.drawing import draw_cell
from leukoscope.drawn.kinds import KINDS
from leukoscope.drawn.look import BACKGROUNDS, draw_look
from leukoscope.randomness import generator as generator_for


def reference_pictures(size: int, n: int = 8, seed: int = 0) -> NDArray[np.uint8]:
    """Draw pictures to test a model with: kinds, looks and both backgrounds in turn.

    Args:
        size: Side of a picture in pixels, 16 to 512.
        n: How many (0 or more).
        seed: Seed of the drawing; the same seed gives the same first pictures whatever ``n``.

    Returns:
        (n, size, size, 3) uint8, RGB.

    Raises:
        SettingsError: a size out of range.
    """
    pictures = np.zeros((n, size, size, 3), dtype=np.uint8)
    kinds = list(KINDS)
    for number in range(n):
        # The kinds change with every picture, the backgrounds with every other one: each meets both.
        background = BACKGROUNDS[(number // 2) % len(BACKGROUNDS)]
        look = draw_look(seed, f"reference {number}", background)
        generator = generator_for(seed, "reference", number)
        kind = kinds[number % len(kinds)]
        pictures[number] = draw_cell(kind, size=size, background=background, look=look, generator=generator)
    return pictures
