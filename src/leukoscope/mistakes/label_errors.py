"""Likely label errors by confident learning: cells to be looked at again, never cells that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leukoscope.mistakes.judging import Flags, Floats, Ints, Judged

ROUNDING = 1e-9
"""The mean of equal probabilities may be larger than each of them by so much."""
NONE = -1

SCHEMA: dict[str, Any] = {
    "place": pl.Int64(),
    "id": pl.String(),
    "patient": pl.String(),
    "part": pl.String(),
    "label": pl.String(),
    "looks_like": pl.String(),
    "probability_of_label": pl.Float64(),
    "probability_of_look": pl.Float64(),
    "margin": pl.Float64(),
    "missed_by": pl.Int64(),
}
"""The columns of ``label_errors.csv``, by rising ``margin``: the first deserves the first look.

Probabilities are means over the models; ``margin`` is that of the label less that of the most probable other class, -1
to 1; ``missed_by`` is how many models call the cell otherwise at their thresholds.
"""
JOINT_SCHEMA: dict[str, Any] = {
    "label": pl.String(),
    "threshold": pl.Float64(),
    "looks_like": pl.String(),
    "cells": pl.Int64(),
    "share": pl.Float64(),
}
"""The columns of ``confident_joint.csv``: every label with every class that its cells look like."""


@dataclass(frozen=True, eq=False)
class Confident:
    """What confident learning makes of n labelled cells.

    Args:
        thresholds: The mean probability that cells of each class get of their own class, (k,); NaN of a class without
            cells.
        support: Cells of each label, (k,).
        looks_like: The class that each cell confidently looks like, (n,); -1 where no class reaches its threshold.
        joint: Cells by label (row) and by what they confidently look like (column), (k, k): the confident joint.
        suspect: Cells that confidently look like another class than their label, (n,).
        margin: Probability of the label less that of the most probable other class, (n,), -1 to 1.
    """

    thresholds: Floats
    support: Floats
    looks_like: Ints
    joint: Ints
    suspect: Flags
    margin: Floats

    @property
    def shares(self) -> Floats:
        """The calibrated joint, (k, k), summing to 1: rows have the share of their label (their equation 1).

        NaN in the row of a label of which no cell looks like anything confidently.
        """
        confident = self.joint.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.joint / confident * self.support[:, None] / self.support.sum())


def confident_learning(probabilities: Floats, labels: Ints) -> Confident:
    """Find cells whose label is likely wrong.

    Northcutt, Jiang & Chuang 2021, Journal of Artificial Intelligence Research 70:1373, section 3.1. The threshold of
    a class is the mean probability of that class over the cells labelled so. A cell confidently looks like the most
    probable of the classes that reach their threshold; where that is not its label, it is a suspect.

    Args:
        probabilities: (n, k), of models that have not learnt from these cells.
        labels: (n,), 0 to k - 1.
    """
    cells, classes = probabilities.shape
    support = np.bincount(labels, minlength=classes).astype(np.float64)
    own = probabilities[np.arange(cells), labels]
    with np.errstate(invalid="ignore", divide="ignore"):
        thresholds = np.bincount(labels, weights=own, minlength=classes) / support
    reached = probabilities >= thresholds - ROUNDING
    looks_like = np.where(reached.any(axis=1), np.where(reached, probabilities, -1.0).argmax(axis=1), NONE)
    joint = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(joint, (labels[looks_like >= 0], looks_like[looks_like >= 0]), 1)
    others = probabilities.copy()
    others[np.arange(cells), labels] = -1
    suspect = (looks_like >= 0) & (looks_like != labels)
    return Confident(thresholds, support, looks_like, joint, suspect, own - others.max(axis=1))


def label_error_tables(parts: Sequence[Judged]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells to look at again, and the confident joint, from the mean probability of the models.

    Args:
        parts: Parts that no model learnt from (validation and test), of the same models. The best epoch was chosen on
            validation cells: what models say of them is a little too good, so that fewer of them stand out.

    Returns:
        ``SCHEMA`` and ``JOINT_SCHEMA``.
    """
    mean = np.concatenate([part.aligned.probabilities.mean(axis=0) for part in parts])
    labels = np.concatenate([part.truth for part in parts])
    table = pl.concat([part.table for part in parts])
    missed = np.concatenate([part.missed_by for part in parts])
    found, classes = confident_learning(mean, labels), parts[0].classes
    names, rows = np.array(classes.names), np.arange(len(labels))
    suspects = table.with_columns(
        looks_like=pl.Series(names[np.maximum(found.looks_like, 0)]),
        probability_of_label=pl.Series(mean[rows, labels]),
        probability_of_look=pl.Series(mean[rows, np.maximum(found.looks_like, 0)]),
        margin=pl.Series(found.margin),
        missed_by=pl.Series(missed),
    ).filter(pl.Series(found.suspect))
    ranked = suspects.sort("margin", "id").with_row_index("place", offset=1)
    return ranked.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), _joint_table(found, classes.names)


def _joint_table(found: Confident, names: tuple[str, ...]) -> pl.DataFrame:
    rows = [
        {
            "label": label,
            "threshold": found.thresholds[row],
            "looks_like": look,
            "cells": int(found.joint[row, column]),
            "share": found.shares[row, column],
        }
        for row, label in enumerate(names)
        for column, look in enumerate(names)
    ]
    return pl.DataFrame(rows, schema=JOINT_SCHEMA).with_columns(pl.col("threshold", "share").fill_nan(None))
