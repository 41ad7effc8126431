from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.pictures.cell_mask.contour import SMOOTH, STEP, cheapest_way, contour_of
from leukoscope.pictures.cell_mask.nuclei import nuclei_of
from leukoscope.pictures.cell_mask.sight import sight_of

Make = Callable[..., np.ndarray]


def spent(cost: np.ndarray, way: np.ndarray) -> float:
    turned = np.abs(np.diff(np.append(way, way[0])))
    assert turned.max() <= STEP
    return float(cost[np.arange(len(way)), way].sum() + SMOOTH * turned.sum())


def test_a_clear_way_is_followed() -> None:
    wanted = np.array([5, 6, 8, 8, 7, 6, 6, 5])
    cost = np.ones((8, 12), np.float32) * 10
    cost[np.arange(8), wanted] = 0
    assert cheapest_way(cost).tolist() == wanted.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_way_is_closed_and_hardly_dearer_than_the_cheapest_circle(seed: int) -> None:
    cost = np.random.default_rng(seed).random((12, 9)).astype(np.float32)
    assert spent(cost, cheapest_way(cost)) <= cost.sum(axis=0).min() + 1e-4


def test_the_contour_runs_about_the_cell_and_holds_the_nucleus(
    smear: Make, disc: Make, overlap: Callable[..., float]
) -> None:
    sight = sight_of(smear((50, 60, 25, 14), red=((85, 60, 12),)))
    nuclei = nuclei_of(sight)
    cell = contour_of(sight, nuclei, 0) > 0
    assert overlap(cell, disc(50, 60, 25)) > 0.88
    assert cell[nuclei.groups[0]].all()


def test_a_cell_at_the_border_ends_there(smear: Make, disc: Make, overlap: Callable[..., float]) -> None:
    sight = sight_of(smear((8, 56, 24, 15)))
    assert overlap(contour_of(sight, nuclei_of(sight), 0) > 0, disc(8, 56, 24)) > 0.8
