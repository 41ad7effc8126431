"""Which cells a model was never meant for: those further from its training cells than validation cells are.

A photograph, an empty field, another stain gets a class and a probability like any cell. So a model keeps where its
training cells lie in what it sees (``FeatureSpace``), and how far from them the validation cells lie, whose patients it
did not learn from. The limit is the distance that 99 % of those stay within, patients weighing alike; every distance
here is relative to it, so that 1 is at the limit and a cell beyond 1 is out of distribution.

Features of several parts (the picture's colours and edges; what the network's stages give) are judged part by part, and
the part in which a cell is strangest counts: among a thousand others a few colours would not be heard.

About one cell in a hundred of new patients like those is flagged, therefore, and more where few patients validated, or
where the new ones are otherwise. A cell that is not flagged may be misread all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.errors import DataError, counted
from leukoscope.evaluation.confidence import patient_weights
from leukoscope.evaluation.feature_space import Array, FeatureSpace, fit_space
from leukoscope.evaluation.units import Floats, Ints

QUANTILE = 0.99
NEAREST = 3
FEWEST = 20
"""Training cells without which nothing is fitted."""
FEW_CELLS, FEW_PATIENTS = 100, 5
"""Validation cells and patients with fewer of whom a note says how little the limit tells."""
CLOSE = 1e-12


@dataclass(frozen=True, eq=False)
class OutOfDistribution:
    """How far is too far from the training cells.

    Args:
        spaces: Where the training cells lie, for each part of the features.
        limits: The distance in each space within which the validation cells stay, above 0.
        limit: How many times such a distance is out of distribution in any of them, above 0: 1 where there is one.
        quantile: The share of validation cells, patients weighing alike, that stay within it, 0 to 1.
        cells: Validation cells that it rests on.
        patients: Of how many patients they are; None where these are not known.
        notes: What a reader must know, a sentence each.
    """

    spaces: tuple[FeatureSpace, ...]
    limits: tuple[float, ...]
    limit: float
    quantile: float
    cells: int
    patients: int | None
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many columns the features have."""
        return sum(space.width for space in self.spaces)

    def distances(self, features: Array) -> Floats:
        """Return how far cells are from the training cells, (n,) float64, 0 or more, relative to the limit.

        1 is at the limit; a cell beyond it is out of distribution. One with a feature that is no number is at infinity.

        Args:
            features: What the network sees in the cells, (n, d).

        Raises:
            DataError: features of another length.
        """
        return _strangest(self.spaces, self.limits, self._parts(features)) / self.limit

    def flags(self, distances: Floats) -> npt.NDArray[np.bool_]:
        """Return which cells are out of distribution, (n,), of their distances, (n,)."""
        return np.asarray(distances > 1)

    def nearest(self, features: Array, number: int = NEAREST, among: int | None = None) -> tuple[Ints, Floats]:
        """Return the training cells that are most like each cell.

        Args:
            features: What the network sees in the cells, (n, d).
            number: How many, 1 or more.
            among: The first so many training cells are looked at; all where None.

        Returns:
            Their places among the training cells, (n, k), the nearest first, and their distances, (n, k), relative to
            the limit; k is ``number``, or less where there are fewer.

        Raises:
            DataError: features of another length.
        """
        known, parts = len(self.spaces[0].known), self._parts(features)
        looked = known if among is None else min(among, known)
        found = zip(self.spaces, self.limits, parts, strict=True)
        apart = np.mean([(space.apart(part, looked) / limit) ** 2 for space, limit, part in found], axis=0) ** 0.5
        order = np.argsort(apart, axis=1, kind="stable")[:, :number]
        return order.astype(np.int64), np.take_along_axis(apart, order, axis=1) / self.limit

    def as_json(self) -> dict[str, Any]:
        """Return everything but the arrays as plain JSON values."""
        return {
            "limit": self.limit,
            "limits": list(self.limits),
            "quantile": self.quantile,
            "training_cells": len(self.spaces[0].known),
            "validation_cells": self.cells,
            "validation_patients": self.patients,
            "features": [space.width for space in self.spaces],
            "notes": list(self.notes),
        }

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the arrays, by the part's number, from 0, and their name: ``0.centre``."""
        parts = enumerate(self.spaces)
        return {f"{part}.{name}": values for part, space in parts for name, values in space.arrays().items()}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, Array]) -> OutOfDistribution:
        """Make it again of what ``as_json`` and ``arrays`` returned.

        Raises:
            DataError: they are no such values, or do not fit one another.
        """
        try:
            limits = tuple(float(one) for one in value["limits"])
            spaces = tuple(FeatureSpace.of_arrays(_of_part(arrays, part)) for part in range(len(limits)))
            found = cls(
                spaces,
                limits,
                float(value["limit"]),
                float(value["quantile"]),
                value["validation_cells"],
                value["validation_patients"],
                tuple(value["notes"]),
            )
            stated = value["features"], value["training_cells"]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"These are no limits of what is out of distribution: {error}.") from None
        own = [space.width for space in spaces], len(spaces[0].known) if spaces else 0
        if not spaces or stated != own or not min(found.limit, *limits) > 0:
            raise DataError("The limit of what is out of distribution is not of these training cells' features.")
        return found

    def _parts(self, features: Array) -> list[Array]:
        """Return the columns of each part of features."""
        widths = [space.width for space in self.spaces]
        found = np.shape(features)[-1]
        if found != self.width:
            raise DataError(f"The training cells have {self.width:,} features; these cells have {found:,}.")
        return _divided(features, widths)


def fit_out_of_distribution(
    train: Array, validation: Array, patients: pl.Series, widths: Sequence[int] | None = None
) -> OutOfDistribution:
    """Fit the limit of what is like the training cells.

    Args:
        train: What the network sees in the training cells, (n, d), 20 or more.
        validation: What it sees in validation cells, (m, d), 1 or more; never in those of the test part.
        patients: Whose each validation cell is, (m,); null where not known.
        widths: How many columns each part of the features has, each 1 or more, d together; one part where None.

    Raises:
        DataError: too few cells, or features that are no numbers.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> train, other = draw.normal(size=(300, 4)), draw.normal(size=(200, 4))
        >>> found = fit_out_of_distribution(train, other, pl.Series([None] * 200, dtype=pl.String))
        >>> (found.distances(np.array([[0, 0, 0, 0], [6, 6, 6, 6]])) > 1).tolist()
        [False, True]
    """
    if len(train) < FEWEST or not len(validation):
        raise DataError(
            f"To tell what is unlike the training cells, {FEWEST} of them are needed, and a validation cell; there "
            f"are {len(train)} and {len(validation)}."
        )
    if not (np.isfinite(train).all() and np.isfinite(validation).all()):
        raise DataError("What the network sees in some cells is no number; nothing can be compared with it.")
    parts = [_divided(each, widths or [train.shape[1]]) for each in (train, validation)]
    # As they will be when they were saved and read again.
    spaces = tuple(FeatureSpace.of_arrays(fit_space(part).arrays()) for part in parts[0])
    weights = patient_weights(patients)
    own = zip(spaces, parts[1], strict=True)
    limits = tuple(max(_quantile(space.distances(part), weights, QUANTILE), CLOSE) for space, part in own)
    limit = _quantile(_strangest(spaces, limits, parts[1]), weights, QUANTILE)
    known = patients.drop_nulls().n_unique() or None
    notes = _notes(len(validation), known)
    return OutOfDistribution(spaces, limits, max(limit, CLOSE), QUANTILE, len(validation), known, notes)


def _divided(features: Array, widths: Sequence[int]) -> list[Array]:
    return np.split(np.asarray(features), np.cumsum(widths)[:-1], axis=1)


def _strangest(spaces: Sequence[FeatureSpace], limits: Sequence[float], parts: Sequence[Array]) -> Floats:
    """Return how far cells are in the part in which they are furthest, (n,), in limits."""
    each = [space.distances(part) / limit for space, limit, part in zip(spaces, limits, parts, strict=True)]
    return np.asarray(np.max(each, axis=0))


def _of_part(arrays: Mapping[str, Array], part: int) -> dict[str, Array]:
    begin = f"{part}."
    return {name.removeprefix(begin): values for name, values in arrays.items() if name.startswith(begin)}


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the smallest value that so large a share of the weights does not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share - CLOSE)])


def _notes(cells: int, patients: int | None) -> tuple[str, ...]:
    few = cells < FEW_CELLS or (patients is not None and patients < FEW_PATIENTS)
    if not few:
        return ()
    of = f" of {counted(patients, 'patient')}" if patients else ""
    rests = f"The limit rests on {counted(cells, 'validation cell')}{of}"
    return (f"{rests}: new patients may have more cells beyond it, or strangers may stay within it.",)
