from __future__ import annotations

import numpy as np
import pytest

PURPLE, EOSIN = np.array([0.49, 0.86, 0.11]), np.array([0.53, 0.66, 0.52])


def painted(lamp: tuple[float, float, float], purple: np.ndarray, eosin: np.ndarray) -> np.ndarray:
    """Two stains in the light of a lamp, by Beer and Lambert's law: (h, w) amounts of each to (h, w, 3) uint8."""
    density = purple[:, :, None] * PURPLE + eosin[:, :, None] * EOSIN
    return np.clip(np.rint(np.array(lamp) * np.exp(-density)), 0, 255).astype(np.uint8)


def amounts(side: int = 96, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A nucleus within pink cytoplasm, and red cells: (side, side) of purple and of eosin."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side - 0.5
    nucleus, cell = np.hypot(x, y) < 0.17, np.hypot(x, y) < 0.26
    red = sum(np.hypot(x - u, y - v) < 0.12 for u, v in ((0.35, 0.3), (-0.36, 0.25), (0.3, -0.35))) > 0
    purple = nucleus * rng.uniform(2.2, 2.8, (side, side)) + (cell & ~nucleus) * 0.1
    eosin = (cell & ~nucleus) * rng.uniform(0.2, 0.4, (side, side)) + red * rng.uniform(0.5, 0.7, (side, side))
    return purple, eosin


@pytest.fixture
def smear() -> np.ndarray:
    """A stained cell among red cells, (96, 96, 3) uint8, in a cream light."""
    return painted((250, 235, 210), *amounts())


@pytest.fixture
def cell_on_black() -> np.ndarray:
    """A stained cell that is cut out on black, (96, 96, 3) uint8."""
    purple, eosin = amounts()
    pixels = painted((245, 245, 245), purple, eosin)
    y, x = np.mgrid[:96, :96] / 96 - 0.5
    pixels[np.hypot(x, y) >= 0.26] = 0
    return pixels


@pytest.fixture
def smears() -> list[np.ndarray]:
    """One scene in several lamps' light, stained lightly and heavily."""
    purple, eosin = amounts()
    lamps = [(250, 235, 210), (240, 240, 240), (255, 250, 200), (210, 200, 205)]
    return [painted(lamp, f * purple, g * eosin) for lamp in lamps for f, g in ((0.75, 1.1), (1, 1), (1.2, 0.8))]
