"""The share of cells that are flagged, with an interval clustered by patient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.confidence import patient_weights
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import share_of_rows
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import units_of


def flagged_share(
    flagged: npt.NDArray[np.bool_], cells: pl.DataFrame, classes: Classes, how: Resampling | None = None
) -> Score:
    """Return the share of cells that are flagged, patients weighing alike; its interval resamples linked groups.

    Args:
        flagged: Which cells are, (n,).
        cells: ``id``, ``patient``, ``group`` (both null where not known), ``label``: n rows.
        classes: The classes that labels are of.
        how: How the interval is made; as ``evaluate`` makes them where not given.
    """
    places = {name: place for place, name in enumerate(classes.names)}
    truth = cells["label"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
    units = units_of(cells, truth, np.full(len(truth), -1), len(classes))
    material = Material(truth, truth, None, classes, units)
    weights = patient_weights(cells["patient"])
    part, whole = (
        np.bincount(units.code, weights=each, minlength=units.number) for each in (weights * flagged, weights)
    )
    return share_of_rows(part, whole, material, how or Resampling())
