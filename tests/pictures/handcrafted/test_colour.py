from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.handcrafted.colour import COLOURS, colour_of

NAMES = [one.name for one in COLOURS]


def measured(pixels: np.ndarray, cell: np.ndarray, nucleus: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, colour_of(pixels, cell, nucleus), strict=True))


@pytest.fixture
def picture() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A field, a pale cell with a violet nucleus of two shades; masks of cell and nucleus."""
    pixels = np.full((20, 20, 3), 240, dtype=np.uint8)
    cell, nucleus = np.zeros((20, 20), dtype=bool), np.zeros((20, 20), dtype=bool)
    cell[2:18, 2:18] = nucleus[6:14, 6:14] = True
    pixels[cell] = (200, 180, 220)
    pixels[6:14, 6:10], pixels[6:14, 10:14] = (100, 50, 150), (120, 50, 150)
    return pixels, cell, nucleus


def test_means_and_deviations_of_either_part(picture: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = measured(*picture)
    assert [found[f"nucleus_{name}"] for name in ("red", "green", "blue")] == pytest.approx([110, 50, 150])
    assert [found[f"nucleus_{name}_sd"] for name in ("red", "green", "blue")] == pytest.approx([10, 0, 0])
    assert found["nucleus_saturation"] == pytest.approx(100 / 150, abs=0.003)
    assert [found[f"cytoplasm_{name}"] for name in ("red", "green", "blue")] == pytest.approx([200, 180, 220])
    assert found["cytoplasm_saturation"] == pytest.approx(40 / 220, abs=0.003)
    assert found["cytoplasm_saturation_sd"] == 0


def test_without_cytoplasm_the_cell_stands_for_it(picture: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    pixels, cell, _ = picture
    for nucleus in (cell, cell & ~((np.indices((20, 20)) == 2).all(axis=0))):
        found = measured(pixels, cell, nucleus)
        assert found["cytoplasm_red"] == pytest.approx(pixels[cell][:, 0].mean())


def test_grey_has_no_saturation() -> None:
    grey, whole = np.full((4, 4, 3), 90, dtype=np.uint8), np.ones((4, 4), dtype=bool)
    assert measured(grey, whole, whole)["nucleus_saturation"] == 0
