from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leukoscope.pictures.cell_mask.nuclei import nuclei_of
from leukoscope.pictures.cell_mask.sight import sight_of
from leukoscope.pictures.cell_mask.touching import left_to

Make = Callable[..., np.ndarray]


def test_the_border_runs_through_the_neck(smear: Make) -> None:
    nuclei = nuclei_of(sight_of(smear((36, 56, 20, 13), (74, 56, 20, 13))))
    everything = np.ones((112, 112), np.uint8)
    halves = [left_to(everything, nuclei, number) & nuclei.stained for number in (0, 1)]
    assert not (halves[0] & halves[1]).any()
    assert ((halves[0] | halves[1]) == nuclei.stained).all()
    ends = sorted(int(np.argwhere(half)[:, 1].max()) for half in halves)
    assert 52 <= ends[0] <= 58


def test_a_cell_alone_keeps_all(smear: Make) -> None:
    nuclei = nuclei_of(sight_of(smear((56, 56, 25, 15))))
    cell = np.ones((112, 112), np.uint8)
    assert left_to(cell, nuclei, 0) is cell
