from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort

Drawn = Callable[..., np.ndarray]
MakeCohort = Callable[..., Cohort]


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    """Smooth random pictures, (height, width, 3) uint8, another for each seed."""

    def draw(seed: int = 0, height: int = 36, width: int = 40) -> np.ndarray:
        coarse = np.random.default_rng(seed).integers(20, 236, (5, 6, 3), dtype=np.uint8)
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))

    return draw


@pytest.fixture
def cohort_of(tmp_path: Path, drawn: Drawn) -> MakeCohort:
    """A cohort of ``count`` pictures in tmp_path/pictures, or of the files named."""

    def make(count: int = 0, *, names: list[str] | None = None, excluded: dict[str, str] | None = None) -> Cohort:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for number in range(count):
            Image.fromarray(drawn(number)).save(folder / f"{number:03}.bmp")
        paths = names if names is not None else [f"{number:03}.bmp" for number in range(count)]
        reasons = [(excluded or {}).get(path) for path in paths]
        cells = pl.DataFrame({"id": paths, "path": paths, "excluded": pl.Series(reasons, dtype=pl.String)})
        return Cohort.from_cells("made", folder, cells, Classes(("hem", "all")))

    return make
