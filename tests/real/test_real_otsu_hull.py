from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing

SETS = {"cnmc": 1775, "lyon": 1661, "pbc": 960, "matek": 45, "segmentation_wbc": 180, "bccd": 183}
SUFFIXES = {".webp", ".bmp", ".jpg", ".png", ".tif", ".tiff"}
PUBLISHED, KEPT, BARE, MIDDLE = (
    parse_framing([{"otsu_hull": value}])
    for value in ("published", "keep", {"erosion": 0}, {"region": "middle", "outside": "blank"})
)


def pictures(real_data: Path, name: str) -> list[Path]:
    every = (path for path in (real_data / name).rglob("*") if path.suffix.lower() in SUFFIXES)
    # Without masks and hidden files.
    found = sorted(path for path in every if not path.name.startswith("."))
    if name == "segmentation_wbc":
        found = [path for path in found if path.suffix != ".png"]
    assert len(found) == SETS[name]
    return found


def look(paths: list[Path]) -> Iterator[np.ndarray]:
    """Give each picture, having framed it in every way."""
    for path in paths:
        pixels = decode(path).pixels
        found = [framing.apply(pixels) for framing in (PUBLISHED, KEPT, BARE, MIDDLE)]
        assert all(each.size and each.any() for each in found), path.name
        assert all(max(each.shape) <= max(pixels.shape) for each in found), path.name
        assert found[1].shape[0] == found[1].shape[1] == max(found[0].shape[:2]), path.name
        yield pixels


def lost(pixels: np.ndarray, framed: np.ndarray) -> float:
    """Return the share of a cell's pixels on black that a crop has left out."""
    return 1 - float(framed.any(axis=2).sum() / pixels.any(axis=2).sum())


def check_losses(seen: Iterator[np.ndarray]) -> None:
    losses = np.array([[lost(pixels, framing.apply(pixels)) for framing in (PUBLISHED, BARE)] for pixels in seen])
    published, bare = losses.T
    # The rim that erosion takes, and dark pixels at the edge, are lost by design; nothing of weight is.
    assert np.median(published) < 0.003
    assert (published > 0.05).mean() < 0.002
    assert np.median(bare) < 0.0005
    assert (bare > 0).mean() < (published > 0).mean()


def test_no_crop_of_every_fortieth_picture_is_empty(real_data: Path) -> None:
    for name in SETS:
        assert list(look(pictures(real_data, name)[::40]))


def test_every_sixteenth_cell_on_black_loses_next_to_nothing(real_data: Path) -> None:
    check_losses(decode(path).pixels for path in pictures(real_data, "cnmc")[::16])


@pytest.mark.torture
@pytest.mark.parametrize("name", [name for name in SETS if name != "cnmc"])
def test_no_crop_of_any_smear_is_empty(real_data: Path, name: str) -> None:
    assert len(list(look(pictures(real_data, name)))) == SETS[name]


@pytest.mark.torture
def test_no_crop_of_any_cell_on_black_is_empty_or_loses_much(real_data: Path) -> None:
    check_losses(look(pictures(real_data, "cnmc")))
