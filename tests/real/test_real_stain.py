from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.framing.macenko import BLACK as BLACK_STAINS
from leukoscope.pictures.framing.macenko import SMEAR as SMEAR_STAINS
from leukoscope.pictures.framing.reinhard import BLACK as BLACK_COLOUR
from leukoscope.pictures.framing.reinhard import SMEAR as SMEAR_COLOUR
from leukoscope.pictures.optical_density import densities
from leukoscope.pictures.stain import reference_of

SMEARS = {"pbc": "jpg", "lyon": "jpg", "matek": "tiff", "segmentation_wbc/Dataset 1": "bmp", "bccd/JPEGImages": "jpg"}


def some(folder: Path, suffix: str, count: int) -> list[np.ndarray]:
    found = sorted(path for path in folder.rglob(f"*.{suffix}") if not path.name.startswith("."))
    assert found
    return [decode(path).pixels for path in found[:: max(len(found) // count, 1)]]


@pytest.mark.parametrize("name", ["pbc", "cnmc"])
def test_the_defaults_are_what_the_stated_sets_give(real_data: Path, name: str) -> None:
    kind = "black" if name == "cnmc" else "smear"
    colour, stains = (BLACK_COLOUR, BLACK_STAINS) if kind == "black" else (SMEAR_COLOUR, SMEAR_STAINS)
    found = reference_of(*some(real_data / name, "webp" if name == "cnmc" else "jpg", 60))
    assert np.allclose(found["reinhard"][kind]["mean"], colour.mean, atol=1.5)
    assert np.allclose(found["reinhard"][kind]["sd"], colour.sd, atol=1.5)
    assert np.allclose(found["macenko"][kind]["stains"], stains.stains, atol=0.05)
    assert np.allclose(found["macenko"][kind]["concentrations"], stains.concentrations, rtol=0.1)


@pytest.mark.parametrize("operator", ["reinhard", "macenko"])
def test_backgrounds_of_every_set_become_white_and_alike(real_data: Path, operator: str) -> None:
    framing = parse_framing([{operator: {}}])
    before, after = [], []
    for folder, suffix in SMEARS.items():
        for pixels in some(real_data / folder, suffix, 6):
            seen = densities(pixels)
            assert seen is not None
            before.append(np.median(pixels[~seen.stained], axis=0))
            after.append(np.median(framing.apply(pixels)[~seen.stained], axis=0))
    assert np.std(before, axis=0).max() > 20
    assert np.std(after, axis=0).max() < 5
    assert np.abs(np.mean(after, axis=0) - 245).max() < 5


@pytest.mark.parametrize("operator", ["reinhard", "macenko"])
def test_black_stays_black_around_the_cells_of_cnmc(real_data: Path, operator: str) -> None:
    framing = parse_framing([{operator: {}}])
    for pixels in some(real_data / "cnmc", "webp", 12):
        framed = framing.apply(pixels)
        black = (pixels == 0).all(axis=2)
        assert (framed[black] == 0).all()
        assert framed[~black].mean() == pytest.approx(pixels[~black].mean(), rel=0.5)
        assert framed.max() < 255


def test_nuclei_of_different_laboratories_come_together(real_data: Path) -> None:
    framing = parse_framing([{"macenko": {}}])
    before, after = [], []
    for folder, suffix in SMEARS.items():
        colours = []
        for pixels in some(real_data / folder, suffix, 8):
            seen = densities(pixels)
            assert seen is not None
            strength = seen.density.mean(axis=2)
            nucleus = strength > 0.9 * np.percentile(strength, 99)
            colours.append((pixels[nucleus].mean(axis=0), framing.apply(pixels)[nucleus].mean(axis=0)))
        before.append(np.mean([old for old, _ in colours], axis=0))
        after.append(np.mean([new for _, new in colours], axis=0))
    assert np.sqrt(np.var(after, axis=0).sum()) < 0.6 * np.sqrt(np.var(before, axis=0).sum())
