from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

GROUND, CYTOPLASM, NUCLEUS, RED_CELL = (250, 235, 220), (190, 170, 215), (90, 40, 140), (215, 150, 150)
Smear = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def smear() -> Smear:
    """A square smear: cells as (x, y, radius of the cell, radius of the nucleus), red cells as (x, y, radius)."""

    def draw(
        *cells: tuple[int, int, int, int], red: tuple[tuple[int, int, int], ...] = (), side: int = 112
    ) -> np.ndarray:
        pixels = np.full((side, side, 3), GROUND, dtype=np.uint8)
        for x, y, radius in red:
            cv2.circle(pixels, (x, y), radius, RED_CELL, -1)
        for x, y, radius, _ in cells:
            cv2.circle(pixels, (x, y), radius, CYTOPLASM, -1)
        for x, y, _, radius in cells:
            cv2.circle(pixels, (x, y), radius, NUCLEUS, -1)
        return pixels

    return draw


@pytest.fixture(scope="session")
def on_black() -> Callable[[int, int], np.ndarray]:
    """A cell of radius 50 with a nucleus of radius 30 about (x, y), cut out on black, (150, 150, 3)."""

    def draw(x: int, y: int) -> np.ndarray:
        pixels = np.zeros((150, 150, 3), np.uint8)
        cv2.circle(pixels, (x, y), 50, (150, 120, 170), -1)
        cv2.circle(pixels, (x, y), 30, (60, 20, 80), -1)
        return pixels

    return draw


@pytest.fixture(scope="session")
def disc() -> Callable[..., np.ndarray]:
    """A disc as a mask, (side, side) bool."""

    def draw(x: int, y: int, radius: int, side: int = 112) -> np.ndarray:
        return cv2.circle(np.zeros((side, side), np.uint8), (x, y), radius, 1, -1) > 0

    return draw


@pytest.fixture(scope="session")
def overlap() -> Callable[[np.ndarray, np.ndarray], float]:
    """Intersection over union."""
    return lambda one, other: np.count_nonzero(one & other) / np.count_nonzero(one | other)
