"""Texture: what is left of a figure when its brightness and contrast, region by region, are taken out."""

from __future__ import annotations

import math

import cv2
import numpy as np

NO_SHARE = 1e-3
CONSTANT = 0.01
"""Deviation below which a layer is constant: a texture has one of about 1, a plain patch that of rounding."""


def texture(grey: np.ndarray, weight: np.ndarray, reach: float, noise: float) -> np.ndarray:
    """Return grey standardised within its surroundings: minus their mean, over their deviation.

    Another stain normalisation changes brightness and contrast smoothly, which this takes out. Nothing beyond the
    weight has an influence.

    Args:
        grey: (n, n) float32.
        weight: (n, n) float32, 0 to 1; the texture is 0 where it is 0.
        reach: Deviation of the Gaussian that is the surroundings, in pixels.
        noise: Variance of grey (squared levels) that is not amplified: without it a plain patch would be as rough as
            any other.
    """
    share = np.maximum(_blurred(weight, reach), NO_SHARE)
    rest = (grey - _blurred(grey * weight, reach) / share) * weight
    variance = _blurred(rest * rest, reach) / share
    return np.asarray(rest / np.sqrt(variance + noise))


def roughness(grey: np.ndarray, weight: np.ndarray, reach: float) -> float:
    """Return the deviation of grey from its surroundings over the weight, in levels; 0 where there is no weight."""
    share = np.maximum(_blurred(weight, reach), NO_SHARE)
    rest = (grey - _blurred(grey * weight, reach) / share) * weight
    return float(np.sqrt((rest * rest).sum() / max(float(weight.sum()), 1.0)))


def without_rings(layer: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return a layer minus its mean on each ring around the centre, one pixel wide: what round cells have in common.

    Args:
        layer: (n, n).
        weight: (n, n), not negative.
    """
    count = layer.shape[0]
    rows, columns = np.ogrid[:count, :count]
    ring = np.hypot(rows - count / 2, columns - count / 2).astype(np.int64).ravel()
    total = np.bincount(ring, weight.ravel())
    mean = np.bincount(ring, (layer * weight).ravel()) / np.maximum(total, NO_SHARE)
    return np.asarray(layer - mean[ring].reshape(layer.shape))


def correlation(one: np.ndarray, two: np.ndarray, weight: np.ndarray) -> float:
    """Return Pearson's correlation of two textures under a weight; 0 where one of them is constant.

    Args:
        one: (n, n).
        two: (n, n).
        weight: (n, n), not negative.
    """
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    share = weight / total
    one, two = one - (one * share).sum(), two - (two * share).sum()
    deviations = [math.sqrt(float((share * layer * layer).sum())) for layer in (one, two)]
    if min(deviations) < CONSTANT:
        return 0.0
    return float((share * one * two).sum()) / (deviations[0] * deviations[1])


def _blurred(layer: np.ndarray, reach: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), reach))
