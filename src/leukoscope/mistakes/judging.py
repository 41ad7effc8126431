"""What several models call the same cells, each at its own threshold, and where they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import called
from leukoscope.evaluation.calling import places
from leukoscope.predictions.alignment import Aligned, align
from leukoscope.predictions.table import Predictions

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judged:
    """The calls of m models of n labelled cells.

    Args:
        aligned: What the models say, in one order.
        calls: The class that each model calls each cell, (m, n) int64, places in ``classes``.
    """

    aligned: Aligned
    calls: Ints

    @property
    def names(self) -> tuple[str, ...]:
        """The models' m names."""
        return self.aligned.names

    @property
    def classes(self) -> Classes:
        """The classes."""
        return self.aligned.classes

    @property
    def table(self) -> pl.DataFrame:
        """One row a cell: ``id``, ``patient``, ``group``, ``part``, ``label``, ``patient_label``."""
        return self.aligned.table

    @cached_property
    def truth(self) -> Ints:
        """The true classes, (n,)."""
        return self.aligned.truth

    @cached_property
    def wrong(self) -> Flags:
        """Whether each model is wrong on each cell, (m, n)."""
        return np.asarray(self.calls != self.truth)

    @cached_property
    def missed_by(self) -> Ints:
        """How many models are wrong on each cell, (n,)."""
        return np.asarray(self.wrong.sum(axis=0), dtype=np.int64)

    @cached_property
    def of_truth(self) -> Floats:
        """The probability that each model gives the true class, (m, n)."""
        return np.asarray(self.aligned.probabilities[:, np.arange(len(self.truth)), self.truth])

    @cached_property
    def of_call(self) -> Floats:
        """The probability that each model gives the class that it calls, (m, n)."""
        return np.asarray(np.take_along_axis(self.aligned.probabilities, self.calls[..., None], axis=2)[..., 0])

    @property
    def patients_known(self) -> bool:
        """Whether it is known of every cell what it belongs together with: a linked group, or a patient."""
        return self.aligned.groups is not None


def judge(models: Mapping[str, Predictions], thresholds: Mapping[str, float | None]) -> Judged:
    """Call every cell as each model does, and bring all into one order.

    Args:
        models: Each model's predictions of one part by its name, with probabilities; cells without label are left out.
        thresholds: Each model's operating threshold; None where its own calls, or 0.5, or the most probable class
            decide (``evaluation.called``).

    Raises:
        DataError: the rows are patients, none has a label, or the models are not of the same cells (``align``).
    """
    first = next(iter(models.values()))
    if first.unit != "cell":
        raise DataError("These models tell patients as a whole, and errors are looked at cell by cell.")
    aligned = align(models)
    if not aligned.table.height:
        raise DataError("No cell has a label, so nobody can say which is missed.")
    calls = [_calls(said, thresholds[name], aligned) for name, said in models.items()]
    return Judged(aligned, np.stack(calls))


def _calls(said: Predictions, threshold: float | None, aligned: Aligned) -> Ints:
    table = said.table.select("id").with_columns(called(said, threshold).alias("called"))
    ordered = aligned.table.select("id").join(table, on="id", how="left", maintain_order="left")
    return places(ordered["called"], aligned.classes)
