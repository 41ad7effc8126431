from __future__ import annotations

import cv2
import numpy as np
import pytest

from leukoscope.drawn.anatomy import About, Nucleus, Shape
from leukoscope.drawn.fields import Place, grid
from leukoscope.drawn.nucleus import nucleus_distance
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import blank
from leukoscope.randomness import generator

PLACE = Place(0.0, 0.0, 5.0)


def shape(nucleus: Nucleus, number: int) -> np.ndarray:
    sheet = Sheet(blank(160), grid(160, 16.0), generator(0, "nucleus", number))
    return nucleus_distance(sheet, nucleus, PLACE) < 0


def solidity(mask: np.ndarray) -> float:
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea)
    return float(cv2.contourArea(largest) / cv2.contourArea(cv2.convexHull(largest)))


def mean_solidity(kind: Shape, lobes: tuple[int, int] = (3, 4)) -> float:
    nucleus = Nucleus(About(0.7), kind, lobes)
    return float(np.mean([solidity(shape(nucleus, number)) for number in range(20)]))


def test_shapes_are_dented_in_the_order_of_maturity() -> None:
    oval, kidney, band = mean_solidity("oval"), mean_solidity("kidney"), mean_solidity("band")
    assert oval > 0.96
    assert oval > kidney + 0.01
    assert kidney > band + 0.1


@pytest.mark.parametrize("kind", ["oval", "kidney", "folded", "band", "lobes", "smudge"])
def test_every_shape_stays_about_its_disc(kind: Shape) -> None:
    sheet_x, sheet_y = grid(160, 16.0).x, grid(160, 16.0).y
    for number in range(10):
        mask = shape(Nucleus(About(0.7), kind), number)
        assert mask.sum() * 0.01 > 12
        assert np.hypot(sheet_x, sheet_y)[mask].max() < 1.7 * PLACE.radius


@pytest.mark.parametrize("lobes", [2, 3, 4, 5])
def test_lobes_hang_together(lobes: int) -> None:
    whole = 0
    for number in range(20):
        count, _, sizes, _ = cv2.connectedComponentsWithStats(
            shape(Nucleus(About(0.7), "lobes", (lobes, lobes)), number).astype(np.uint8)
        )
        large = int((sizes[1:count, cv2.CC_STAT_AREA] > 50).sum())
        whole += large == 1
    assert whole >= 18
