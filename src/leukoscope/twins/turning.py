"""At which angle, and which way round, two portraits look most alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ANGLES = 128
"""Angles at which two portraits are compared, 2.8 degrees apart."""
APART = 15.0
"""Degrees by which two turns differ that are worth trying both."""


@dataclass(frozen=True)
class Turn:
    """How the second picture lies to the first.

    Args:
        degrees: By how much it is turned anticlockwise, 0 to 360; after it was mirrored, where it is.
        flipped: Whether it is mirrored left to right.
        similarity: Of the portraits, at most 1.
    """

    degrees: float
    flipped: bool
    similarity: float


def similarity(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the greatest similarity of pairs of portraits over all angles and both mirror images, (n,) float32.

    Args:
        one: (n, RINGS, WAVES) complex64 of length 1.
        two: The same, their partners.
    """
    straight, mirrored = _at_every_angle(one, two.conj()), _at_every_angle(one, two)
    return np.asarray(np.maximum(straight.max(axis=-1), mirrored.max(axis=-1)), dtype=np.float32)


def turns(one: np.ndarray, two: np.ndarray, count: int) -> list[Turn]:
    """Return the turns at which two portraits are most alike, the best first, no two of them close to one another.

    Args:
        one: (RINGS, WAVES) complex64 of length 1.
        two: The same.
        count: How many.
    """
    step = 360 / ANGLES
    straight, mirrored = _at_every_angle(one, two.conj()), _at_every_angle(one, two)
    # Where a ring runs backwards, as it does in a mirror, its angle is counted from the other side.
    candidates = [Turn(float(place * step), False, float(straight[place])) for place in range(ANGLES)]
    candidates += [Turn(float((180 - place * step) % 360), True, float(mirrored[place])) for place in range(ANGLES)]
    chosen: list[Turn] = []
    for turn in sorted(candidates, key=lambda turn: -turn.similarity):
        if len(chosen) < count and all(_differ(turn, other) for other in chosen):
            chosen.append(turn)
    return chosen


def _differ(one: Turn, two: Turn) -> bool:
    between = abs(one.degrees - two.degrees) % 360
    return one.flipped != two.flipped or min(between, 360 - between) >= APART


def _at_every_angle(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the real part of the sum over rings and waves at each angle, (..., ANGLES): a correlation by FFT."""
    waves = (one * two).sum(axis=-2)
    padded = np.concatenate([np.zeros((*waves.shape[:-1], 1), waves.dtype), waves], axis=-1)
    return np.asarray(np.fft.irfft(padded, n=ANGLES, axis=-1) * (ANGLES / 2))
