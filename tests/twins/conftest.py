from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort

Cell = Callable[..., np.ndarray]
Turned = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def cell() -> Cell:
    """A cell of its own outline and texture for each seed, (200, 200, 3) uint8: on black, or in a field."""

    def draw(seed: int, *, field: bool = False, side: int = 200) -> np.ndarray:
        rng = np.random.default_rng(seed)
        rough = cv2.GaussianBlur(rng.normal(size=(side, side)), (0, 0), side / 40)
        grey = 110 + 25 * rough / rough.std()
        rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
        angle = np.arctan2(rows, columns)
        waves = sum(rng.normal(0, 0.12 / n) * np.cos(n * angle + rng.uniform(0, 7)) for n in range(2, 7))
        inside = np.hypot(rows, columns) < side * 0.27 * (1 + waves)
        if not field:
            grey = np.where(inside, grey, 0)
        else:
            grey = np.where(inside, 60 + (grey - 110) / 2, 200 + 15 * rough / rough.std())
            for _ in range(25):
                at = rng.uniform(0, 2 * math.pi), rng.uniform(0.38, 0.7) * side
                place = [round((side - 1) / 2 + at[1] * turn(at[0])) for turn in (math.cos, math.sin)]
                cv2.circle(grey, place, round(side * 0.06), 150.0, -1)
        colours = np.array([1.0, 0.8, 1.15])
        return np.clip(grey[..., None] * colours, 0, 255).astype(np.uint8)

    return draw


@pytest.fixture(scope="session")
def turned() -> Turned:
    """A picture that is mirrored left to right where asked, then turned anticlockwise about its middle, and shifted."""

    def turn(
        pixels: np.ndarray, degrees: float, *, flipped: bool = False, shift: tuple[float, float] = (0, 0)
    ) -> np.ndarray:
        height, width = pixels.shape[:2]
        move = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
        move[:, 2] += shift
        source = np.ascontiguousarray(pixels[:, ::-1] if flipped else pixels)
        beyond = cv2.BORDER_REFLECT_101 if pixels[0, 0].any() else cv2.BORDER_CONSTANT
        return np.asarray(cv2.warpAffine(source, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=beyond))

    return turn


@pytest.fixture
def cohort_of(tmp_path: Path) -> Callable[[dict[str, np.ndarray]], Cohort]:
    """A cohort of these pictures, by their ids."""

    def make(pictures: dict[str, np.ndarray]) -> Cohort:
        for name, pixels in pictures.items():
            Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        cells = pl.DataFrame({"id": list(pictures), "path": [f"{name}.png" for name in pictures]})
        return Cohort.from_cells("made", tmp_path, cells, Classes(("no", "yes")))

    return make
