"""A field in an even light: what lamp and lens left darker towards the rim is made as bright as the brightest part."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.conversion import Pixels

BLOCKS, FINE = 8, 32
BRIGHT = 90
"""Percentile of a block's green that is taken for the light there: the ground's, where there is any."""
BELOW = 0.06
"""Blocks so much darker (logarithm) than the fitted light are covered by cells and left out of the next fit."""
ROUNDS = 4
LEAST_FALL, MOST_FALL = 0.04, 0.8
"""A light that falls by less is even enough; one that falls by more is no lamp's."""

Floats = NDArray[np.float64]


def even_light(pixels: Pixels) -> Pixels:
    """Return a field as in an even light; one whose light is even already is returned as it is.

    The logarithm of the light is taken to be of second degree in place, fitted to the bright pixels of 8 x 8 blocks;
    blocks that cells cover are left out, one fit after the other.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < 2 * BLOCKS:
        return pixels
    light = _fitted(_levels(pixels))
    fall = float(light.max() - light.min())
    if not LEAST_FALL <= fall <= MOST_FALL:
        return pixels
    gain = cv2.resize(np.exp(light.max() - light).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(pixels, cv2.merge([gain] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _levels(pixels: Pixels) -> Floats:
    """Return the logarithm of each block's bright green, (8, 8)."""
    side = 16 * BLOCKS
    green = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)[:, :, 1]
    blocks = green.reshape(BLOCKS, 16, BLOCKS, 16).swapaxes(1, 2).reshape(BLOCKS, BLOCKS, -1)
    return np.asarray(np.log(np.percentile(blocks, BRIGHT, axis=2) + 1), dtype=np.float64)


def _fitted(levels: Floats) -> Floats:
    """Return the fitted light, (32, 32): finer than the blocks, so that it goes on to the very edge."""
    terms, known = _terms(BLOCKS), np.ones(BLOCKS**2, dtype=bool)
    weights: Floats = np.zeros(terms.shape[1])
    for _ in range(ROUNDS):
        weights = np.asarray(np.linalg.lstsq(terms[known], levels.ravel()[known], rcond=None)[0], dtype=np.float64)
        known = levels.ravel() > terms @ weights - BELOW
        if known.sum() < 2 * terms.shape[1]:
            break
    return (_terms(FINE) @ weights).reshape(FINE, FINE)


def _terms(number: int) -> Floats:
    """Return the terms of second degree at the middles of so many squares a side, (number * number, 6)."""
    ticks = (np.arange(number) + 0.5) / number * 2 - 1
    x, y = (plane.ravel() for plane in np.meshgrid(ticks, ticks))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
