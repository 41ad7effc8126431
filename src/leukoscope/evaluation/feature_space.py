"""A space of features in which cells lie near the training cells, or far from all of them.

Columns are scaled to the training cells' deviation and turned onto their principal axes, each axis is divided by its
own deviation (Mahalanobis 1936; the small ones are made larger, in the manner of Ledoit & Wolf 2004), and what lies off
the axes is kept as one number. The distance of a cell is the mean distance to its nearest training cells on the axes
(Sun et al. 2022, ICML, "Out-of-distribution detection with deep nearest neighbors"), and what it has off them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError
from leukoscope.evaluation.units import Floats

Array = npt.NDArray[np.floating[Any]]
NEIGHBOURS = 5
AXES = 32
CELLS_AN_AXIS = 4
FLOOR = 0.01
"""Least deviation of a column, as a share of its values: one that hardly moved in training must not decide alone."""
MOST = 10.0
"""So many deviations from the mean are all that counts of one column, for the same reason."""
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """Where the training cells lie in one kind of features, (d,).

    Args:
        centre: Mean of each column, (d,).
        scale: What each column is divided by, (d,), above 0.
        axes: The principal axes, (q, d), each of length 1.
        spread: Deviation of the training cells along each axis, (q,), above 0.
        rest: Their deviation off all axes, above 0.
        known: The training cells on the axes, (n, q).
    """

    centre: Array
    scale: Array
    axes: Array
    spread: Array
    rest: Array
    known: Array

    @property
    def width(self) -> int:
        """How many columns the features have."""
        return len(self.centre)

    def distances(self, features: Array) -> Floats:
        """Return how far cells are from the training cells, (n,), about 1 for most; inf where a feature is not finite.

        Args:
            features: (n, d).
        """
        place, off = self._placed(features)
        near = np.sort(self._squares(place, self.known), axis=1)[:, :NEIGHBOURS]
        found = np.sqrt(near.mean(axis=1) / len(self.axes) + off**2)
        return np.asarray(np.where(np.isfinite(np.asarray(features)).all(axis=1), found, np.inf))

    def apart(self, features: Array, among: int) -> Floats:
        """Return how far cells are from each of the first so many training cells on the axes, (n, among).

        Args:
            features: (n, d).
            among: The first so many training cells are looked at.
        """
        return np.asarray(np.sqrt(self._squares(self._placed(features)[0], self.known[:among]) / len(self.axes)))

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all of it as arrays, by name."""
        return {one.name: np.array(getattr(self, one.name), dtype=np.float32, order="C") for one in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Array]) -> FeatureSpace:
        """Make a space of what ``arrays`` returned.

        Raises:
            DataError: arrays are missing, or do not fit one another.
        """
        try:
            space = cls(**{one.name: np.asarray(arrays[one.name], dtype=np.float64) for one in fields(cls)})
        except KeyError as error:
            raise DataError(f"The features of the training cells lack {error}.") from None
        axes, width = space.axes.shape
        shapes = {
            "scale": (width,),
            "spread": (axes,),
            "rest": (),
            "centre": (width,),
            "known": (len(space.known), axes),
        }
        wrong = [name for name, shape in shapes.items() if getattr(space, name).shape != shape]
        if wrong:
            raise DataError(f"The features of the training cells do not fit one another: {', '.join(wrong)}.")
        return space

    def _placed(self, features: Array) -> tuple[Floats, Floats]:
        """Return where cells lie on the axes, (n, q), and how far off them, (n,)."""
        scaled = _scaled(features, self.centre, self.scale)
        along = scaled @ self.axes.T
        off = np.sqrt(np.maximum((scaled**2).sum(axis=1) - (along**2).sum(axis=1), 0))
        return np.asarray(along / self.spread), np.asarray(off / self.rest)

    @staticmethod
    def _squares(some: Array, others: Array) -> Floats:
        apart = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * some @ others.T
        return np.asarray(np.maximum(apart, 0))


def fit_space(train: Array) -> FeatureSpace:
    """Return the space of training cells.

    Args:
        train: Their features, (n, d), n at least 2, all finite.

    Example:
        >>> cells = np.random.default_rng(0).normal(size=(200, 3))
        >>> [round(float(one)) for one in fit_space(cells).distances(np.array([[0, 0, 0], [9, 9, 9]]))]
        [0, 8]
    """
    values = np.asarray(train, dtype=np.float64)
    centre, scale = values.mean(axis=0), _scale(values)
    scaled = _scaled(values, centre, scale)
    axes, variances = _principal(scaled, max(min(AXES, len(values) // CELLS_AN_AXIS, values.shape[1]), 1))
    rest = max(float((scaled**2).sum(axis=1).mean() - variances.sum()), 0)
    left = values.shape[1] - len(axes)
    spread = np.sqrt(variances + (rest / left if left else 0) + TINY)
    off = np.sqrt(rest) if left and rest > TINY * values.shape[1] else 1.0
    return FeatureSpace(centre, scale, axes, spread, np.asarray(off), scaled @ axes.T / spread)


def _scale(values: Floats) -> Floats:
    """Return what each column is divided by, (d,): its deviation, or more where it hardly moves."""
    scale = np.maximum(values.std(axis=0), FLOOR * np.sqrt((values**2).mean(axis=0)))
    known = scale > TINY
    # Of a column that was always zero nobody knows what is much: it counts as the middle one does.
    return np.where(known, scale, np.median(scale[known]) if known.any() else 1.0)


def _scaled(values: Array, centre: Array, scale: Array) -> Floats:
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0, posinf=0, neginf=0)
    return np.asarray(np.clip((numbers - centre) / scale, -MOST, MOST))


def _principal(scaled: Floats, number: int) -> tuple[Floats, Floats]:
    """Return the first principal axes of centred rows, (q, d), and the variances along them, (q,)."""
    cells, width = scaled.shape
    if width <= cells:
        variances, vectors = np.linalg.eigh(scaled.T @ scaled / cells)
        return vectors[:, ::-1][:, :number].T, np.maximum(variances[::-1][:number], 0)
    # Of more columns than cells the smaller product has the same axes.
    variances, vectors = np.linalg.eigh(scaled @ scaled.T / cells)
    kept = np.maximum(variances[::-1][:number], TINY)
    return (vectors[:, ::-1][:, :number] / np.sqrt(kept * cells)).T @ scaled, kept
