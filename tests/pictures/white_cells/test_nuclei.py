from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.white_cells.nuclei import nuclei_in, widened
from leukoscope.pictures.white_cells.view import view_of

PURPLE, PINK = (110, 50, 140), (200, 170, 205)


def test_lobes_in_one_cell_are_one_nucleus_and_distant_nuclei_are_two() -> None:
    field = np.full((200, 300, 3), 235, np.uint8)
    cv2.circle(field, (60, 100), 26, PINK, -1)
    for place in ((50, 92), (68, 108), (66, 88)):
        cv2.circle(field, place, 8, PURPLE, -1)
    cv2.circle(field, (220, 100), 16, PURPLE, -1)
    nuclei = nuclei_in(view_of(field, 28.0))
    assert len(nuclei.windows) == 2
    assert nuclei.numbers[92, 50] == nuclei.numbers[108, 68] == nuclei.numbers[88, 66] != 0
    assert nuclei.numbers[100, 220] not in {0, nuclei.numbers[92, 50]}


def test_a_platelet_is_no_nucleus() -> None:
    field = np.full((200, 300, 3), 235, np.uint8)
    cv2.circle(field, (60, 100), 5, PURPLE, -1)
    cv2.circle(field, (200, 100), 14, PURPLE, -1)
    nuclei = nuclei_in(view_of(field, 28.0))
    assert len(nuclei.windows) == 1
    assert nuclei.numbers[100, 60] == 0


def test_within_gives_the_wanted_nucleus_first() -> None:
    field = np.full((120, 200, 3), 235, np.uint8)
    for column in (60, 140):
        cv2.circle(field, (column, 60), 14, PURPLE, -1)
    nuclei = nuclei_in(view_of(field, 28.0))
    second = int(nuclei.numbers[60, 140])
    first, other = nuclei.within((slice(0, 120), slice(0, 200)), second)
    assert first[60, 140]
    assert not first[60, 60]
    assert other[60, 60]


def test_a_window_widens_as_far_as_the_view_goes() -> None:
    assert widened((slice(5, 20), slice(50, 60)), 10, (25, 100)) == (slice(0, 25), slice(40, 70))
