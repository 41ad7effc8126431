"""Augmentation of arrays on the CPU, with OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.augmentation.parameters import Floats, Parameters
from leukoscope.pictures.conversion import Pixels

_BORDERS = {"black": cv2.BORDER_CONSTANT, "edge": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT}


def change_arrays(pixels: Pixels, parameters: Parameters) -> Pixels:
    """Apply drawn changes.

    The geometric ones are one warp (bilinear), rounded to whole values before the colours are changed; mirrorings and
    quarter turns are exact.

    Args:
        pixels: (n, h, w, 3) uint8, RGB.
        parameters: Of n cells.

    Returns:
        (n, h, w, 3) uint8, new.
    """
    exact, coloured = parameters.exact, parameters.coloured
    sources = _source_matrices(parameters, pixels.shape[1], pixels.shape[2])
    square = pixels.shape[1] == pixels.shape[2]
    changed = np.empty_like(pixels)
    for cell, one in enumerate(pixels):
        linear = np.rint(parameters.linear[cell])
        if exact[cell] and (square or linear[0, 0] != 0):
            moved = _turned(one, linear)
        else:
            moved = _warped(one, sources[cell], parameters.fill)
        changed[cell] = _coloured(moved, parameters, cell) if coloured[cell] else moved
    return changed


def noise_field(seed: int, height: int, width: int) -> np.ndarray:
    """Return one cell's noise, the same for both backends.

    Args:
        seed: The cell's, 0 to 2^64 - 1.
        height: In pixels.
        width: In pixels.

    Returns:
        (height, width, 3) float32, of mean 0 and standard deviation 1.
    """
    return np.random.Generator(np.random.SFC64(seed)).standard_normal((height, width, 3), dtype=np.float32)


def _source_matrices(parameters: Parameters, height: int, width: int) -> Floats:
    linear, shift = parameters.inverse()
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = centre - linear @ centre + shift * min(height, width)
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _turned(one: Pixels, linear: Floats) -> Pixels:
    across = linear[0, 0] == 0
    turned = one.swapaxes(0, 1) if across else one
    horizontal, vertical = (linear[0, 1], linear[1, 0]) if across else (linear[0, 0], linear[1, 1])
    return turned[:: int(vertical), :: int(horizontal)]


def _warped(one: Pixels, source: Floats, fill: str) -> Pixels:
    size = (one.shape[1], one.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(one, source, size, flags=flags, borderMode=_BORDERS[fill]), dtype=np.uint8)


def _coloured(one: Pixels, parameters: Parameters, cell: int) -> Pixels:
    gain, contrast = parameters.gain[cell], parameters.contrast[cell]
    one = np.ascontiguousarray(one)
    mean = float(np.mean(gain * np.array(cv2.mean(one)[:3])))
    scale, offset = contrast * gain, (1 - contrast) * mean
    if parameters.noise[cell] == 0:
        table = np.arange(256)[:, None] * scale + offset
        return np.asarray(cv2.LUT(one, np.clip(np.rint(table), 0, 255).astype(np.uint8)[None]), dtype=np.uint8)
    field = noise_field(int(parameters.noise_seed[cell]), *one.shape[:2])
    noisy = one * scale.astype(np.float32) + np.float32(offset) + field * np.float32(255 * parameters.noise[cell])
    return np.asarray(np.clip(np.rint(noisy), 0, 255), dtype=np.uint8)
