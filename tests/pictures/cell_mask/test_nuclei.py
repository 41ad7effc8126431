from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from leukoscope.pictures.cell_mask.nuclei import distances, nuclei_of
from leukoscope.pictures.cell_mask.sight import sight_of

Make = Callable[..., np.ndarray]
NUCLEUS = (90, 40, 140)


def test_lobes_within_one_cell_are_one_nucleus(smear: Make) -> None:
    pixels = smear((56, 56, 28, 1))
    for x in (44, 68):
        cv2.circle(pixels, (x, 56), 7, NUCLEUS, -1)
    groups = nuclei_of(sight_of(pixels)).groups
    assert len(groups) == 1
    assert groups[0][56, 44]
    assert groups[0][56, 68]


def test_nuclei_of_touching_cells_are_two(smear: Make) -> None:
    first, second = nuclei_of(sight_of(smear((36, 52, 20, 13), (74, 60, 20, 13)))).groups
    assert not (first & second).any()


def test_the_nucleus_in_the_middle_is_the_first(smear: Make) -> None:
    for cells in (((56, 50, 20, 12), (96, 96, 15, 12)), ((96, 96, 15, 12), (56, 50, 20, 12))):
        assert nuclei_of(sight_of(smear(*cells))).groups[0][50, 56]


def test_platelets_and_red_cells_are_no_nuclei(smear: Make) -> None:
    pixels = smear(red=((56, 56, 14), (90, 20, 14)))
    cv2.circle(pixels, (20, 90), 2, NUCLEUS, -1)
    assert nuclei_of(sight_of(pixels)).groups == ()


def test_stained_is_what_is_not_the_ground(smear: Make, disc: Make, overlap: Callable[..., float]) -> None:
    nuclei = nuclei_of(sight_of(smear((70, 56, 24, 15), red=((24, 56, 14),))))
    assert overlap(nuclei.stained > 0, disc(70, 56, 24) | disc(24, 56, 14)) > 0.9
    assert 170 < nuclei.edge < 235


def test_distances_are_to_what_is_not_in_the_mask() -> None:
    mask = np.ones((1, 5), np.uint8)
    mask[0, 0] = 0
    assert np.allclose(distances(mask), [[0, 1, 2, 3, 4]], atol=0.3)
