from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing

EXACT, PUBLISHED = (parse_framing([{"threshold_crop": rule}]) for rule in ("exact", "published"))
SUFFIXES = {".webp", ".bmp"}


def cells(real_data: Path) -> list[Path]:
    found = sorted(path for path in (real_data / "cnmc").rglob("*") if path.suffix in SUFFIXES)
    assert len(found) == 1775
    return found


def touches_border(pixels: np.ndarray) -> bool:
    shown = pixels.any(axis=2)
    return bool(shown[[0, -1]].any() or shown[:, [0, -1]].any())


def look(paths: list[Path]) -> tuple[int, int]:
    """Return how many cells touch the border, and how many lose pixels as published; exact may lose none."""
    touching = losing = 0
    for path in paths:
        pixels = decode(path).pixels
        shown = int(pixels.any(axis=2).sum())
        framed = EXACT.apply(pixels)
        assert int(framed.any(axis=2).sum()) == shown, path.name
        assert framed.sum(dtype=np.int64) == pixels.sum(dtype=np.int64), path.name
        assert framed.shape[0] == framed.shape[1] <= max(pixels.shape), path.name
        touching += touches_border(pixels)
        losing += int(PUBLISHED.apply(pixels).any(axis=2).sum()) < shown
    return touching, losing


def test_exact_leaves_no_pixel_out_of_every_eighth_cell(real_data: Path) -> None:
    assert look(cells(real_data)[::8]) == (1, 0)


@pytest.mark.torture
def test_exact_leaves_no_pixel_out_of_any_cell(real_data: Path) -> None:
    # Seven touch the border. None is in pieces: what was published loses no pixel of the cells at hand either.
    assert look(cells(real_data)) == (7, 0)
