"""The nuclei of a field: dark azure parts, lobes of one nucleus put together, a number each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_mask.nuclei import GAP, LEAST, grouped
from leukoscope.pictures.cell_mask.sight import Bits
from leukoscope.pictures.optical_density import Mask
from leukoscope.pictures.white_cells.view import RED_CELL, View

LEAST_NUCLEUS = 0.3
"""Of a red cell's area: platelets and crumbs are smaller (an erythroblast's nucleus may be that small)."""
RED_AREA = np.pi / 4 * RED_CELL**2
MARGIN = 40

Window = tuple[slice, slice]


@dataclass(frozen=True)
class FieldNuclei:
    """The nuclei of a field.

    Args:
        numbers: (h, w) int32: the nucleus that each pixel of the view is of, from 1 on; 0 where there is none.
        windows: Of each nucleus the rows and columns that it lies in, in the order of the numbers.
    """

    numbers: NDArray[np.int32]
    windows: tuple[Window, ...]

    def within(self, window: Window, first: int) -> tuple[Mask, ...]:
        """Return the nuclei in a part of the view, (h, w) bool each, that of a number first.

        Args:
            window: Rows and columns.
            first: The number; it must be there.
        """
        part = self.numbers[window]
        others = [number for number in np.unique(part) if number not in {0, first}]
        return tuple(np.asarray(part == number, dtype=bool) for number in (first, *others))


def nuclei_in(view: View) -> FieldNuclei:
    """Return the nuclei of a field, larger than platelets.

    Args:
        view: The field.
    """
    numbers, windows = np.zeros(view.dark.shape, dtype=np.int32), list[Window]()
    parts = _parts(view)
    reach = round(GAP)
    near = cv2.dilate((parts > 0).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    # Lobes are joined within a cluster of near parts only: in a field of many cells that is far less to look through.
    _, clusters, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for cluster in range(1, len(stats)):
        window = widened(_window(stats[cluster]), MARGIN, view.dark.shape)
        mine = np.where(clusters[window] == cluster, parts[window], 0)
        for group in grouped(_masks(mine), view.stained[window]):
            if np.count_nonzero(group) >= LEAST_NUCLEUS * RED_AREA:
                windows.append(_within(window, group))
                numbers[window][group] = len(windows)
    return FieldNuclei(numbers, tuple(windows))


def widened(window: Window, by: int, shape: tuple[int, ...]) -> Window:
    """Return a window with a margin, as far as the view goes.

    Args:
        window: Rows and columns.
        by: Px.
        shape: Height and width of the view.
    """
    rows, columns = (
        slice(max(one.start - by, 0), min(one.stop + by, side)) for one, side in zip(window, shape, strict=True)
    )
    return rows, columns


def _parts(view: View) -> NDArray[np.int32]:
    """Return the dark parts that are large and azure enough, a number each, (h, w) int32."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(view.dark, connectivity=4)
    kept = np.zeros(len(stats), dtype=np.int32)
    for number in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= LEAST) + 1:
        window = _window(stats[number])
        kept[number] = number * (np.median(view.azure[window][labels[window] == number]) >= view.least_azure)
    return np.asarray(kept[labels], dtype=np.int32)


def _masks(parts: NDArray[np.int32]) -> list[Mask]:
    """Return each part by itself, the largest first."""
    numbers, areas = np.unique(parts[parts > 0], return_counts=True)
    order = np.argsort(-areas, kind="stable")
    return [np.asarray(parts == number, dtype=bool) for number in numbers[order]]


def _window(stats: NDArray[np.int32]) -> Window:
    left, top, width, height = (int(value) for value in stats[: cv2.CC_STAT_AREA])
    return slice(top, top + height), slice(left, left + width)


def _within(window: Window, group: Bits | Mask) -> Window:
    rows, columns = np.flatnonzero(group.any(axis=1)), np.flatnonzero(group.any(axis=0))
    top, left = window[0].start, window[1].start
    return (
        slice(top + int(rows[0]), top + int(rows[-1]) + 1),
        slice(left + int(columns[0]), left + int(columns[-1]) + 1),
    )
