"""A portrait: the texture of a figure on rings around its centre, as waves along each ring.

To turn a cell by an angle a multiplies wave number m by exp(-i m a), to mirror it conjugates them all; so portraits are
compared at every angle, both ways round, without a picture being turned.
"""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.twins.figures import SIDE, Figure
from leukoscope.twins.texture import roughness, texture

RINGS, WAVES = 16, 24
"""Rings, and waves along each: number 1 to WAVES. Number 0, the ring's mean, is that of nearly every round cell."""
ANGLES = 64
OUTERMOST = 44.0
REACH, NOISE = 4.0, 1.0
PLAIN = 1.0
"""Deviation from the surroundings in grey levels, below which a picture shows nothing that could be told apart."""
BYTES = RINGS * WAVES * 2


def portrait(cell: Figure) -> np.ndarray | None:
    """Return the portrait, (RINGS, WAVES) complex64 of length 1; None of a figure without features.

    Args:
        cell: The figure.
    """
    if roughness(cell.grey, cell.weight, REACH) < PLAIN:
        return None
    shown = texture(cell.grey, cell.weight, REACH, NOISE)
    flags = cv2.WARP_POLAR_LINEAR | cv2.INTER_LINEAR
    rings = cv2.warpPolar(shown, (RINGS, ANGLES), (SIDE / 2, SIDE / 2), OUTERMOST, flags)
    # A ring counts by its length.
    rings = rings * np.sqrt((np.arange(RINGS) + 0.5) / RINGS)
    waves = np.fft.rfft(rings, axis=0)[1 : WAVES + 1].T
    length = float(np.linalg.norm(waves))
    return None if length <= 0 else (waves / length).astype(np.complex64)


def pack(waves: np.ndarray) -> bytes:
    """Return a portrait as ``BYTES`` bytes: real and imaginary parts as signed bytes.

    Args:
        waves: (RINGS, WAVES) complex.
    """
    parts = np.stack([waves.real, waves.imag], axis=-1)
    return bytes(np.round(parts * (127 / np.abs(parts).max())).astype(np.int8).tobytes())


def unpack(packed: np.ndarray) -> np.ndarray:
    """Return portraits, (n, RINGS, WAVES) complex64 of length 1.

    Args:
        packed: (n, BYTES) int8.
    """
    parts = packed.reshape(len(packed), RINGS, WAVES, 2).astype(np.float32)
    waves = parts[..., 0] + 1j * parts[..., 1]
    lengths = np.linalg.norm(waves, axis=(1, 2), keepdims=True)
    return np.asarray(waves / np.maximum(lengths, 1), dtype=np.complex64)
