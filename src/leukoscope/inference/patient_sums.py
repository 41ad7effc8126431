"""What the cells of a table say of their patients: one row a patient, summed up as the blocks of cells go by."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import counted
from leukoscope.evaluation.calling import decide
from leukoscope.inference.certainty import REFERRED
from leukoscope.inference.flags import FLAG, STRANGE_CELLS
from leukoscope.inference.marks import PATIENT, PICTURE
from leukoscope.predictions.table import probability_column

COUNTED = {REFERRED: "referred_cells", FLAG: STRANGE_CELLS}
"""Flags of cells, and under which name their numbers stand in the patients' rows, where the cells have them."""


class PatientSums:
    """Sums over cells by patient; their memory is that of a row a patient.

    The rule is that of ``evaluation.patients``: a patient's probability is the mean of its cells', and the cells'
    threshold decides (of more than two classes the highest mean).

    Args:
        classes: The classes.
        threshold: The cells' operating threshold; None for 0.5, or more than two classes.
    """

    def __init__(self, classes: Classes, threshold: float | None) -> None:
        self.classes, self.threshold = classes, threshold
        self._sums: pl.DataFrame | None = None

    def add(self, block: pl.DataFrame) -> None:
        """Add a block of cells, with the columns of ``predict_blocks``; those without patient are passed over."""
        rows = block.filter(pl.col("patient").is_not_null())
        read = pl.col("problem").is_null()
        flags = {name: pl.col(flag).sum().cast(pl.Int64) for flag, name in COUNTED.items() if flag in rows.columns}
        marked = [pl.col("leakage").drop_nulls().first()] if "leakage" in rows.columns else []
        found = rows.group_by("patient", maintain_order=True).agg(
            pl.col("label").min().alias("least_label"),
            pl.col("label").max().alias("largest_label"),
            *(pl.col(name).sum() for name in self._columns),
            read.sum().cast(pl.Int64).alias("cells"),
            (~read).sum().cast(pl.Int64).alias("unreadable"),
            *marked,
            **flags,
        )
        self._sums = found if self._sums is None else self._merged(pl.concat([self._sums, found]))

    def passed(self, blocks: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Give blocks on, having added them."""
        for block in blocks:
            self.add(block)
            yield block

    def table(self) -> pl.DataFrame | None:
        """Return the patients in order of appearance; None where no cell named one.

        Returns:
            ``id`` and ``patient`` (the same), ``label`` (of its cells, where all labelled ones have the same),
            ``called``, ``p_<class>`` for each class, ``cells`` (with a prediction), ``unreadable``,
            ``referred_cells`` and ``strange_cells`` (how many are referred, and out of distribution, where the cells
            say so), ``problem`` (why there is no prediction), and ``leakage`` where the cells have it.
        """
        if self._sums is None or not self._sums.height:
            return None
        found = self._sums.with_columns(
            pl.when(pl.col("cells") > 0).then(pl.col(n) / pl.col("cells")) for n in self._columns
        )
        said = found.filter(pl.col("cells") > 0)
        decided = decide(said.select(self._columns).to_numpy(), self.classes, self.threshold)
        calls = said.select("patient", called=pl.Series([self.classes.names[one] for one in decided], dtype=pl.String))
        found = found.join(calls, on="patient", how="left", maintain_order="left")
        alike = pl.when(pl.col("least_label") == pl.col("largest_label")).then("least_label")
        found = found.with_columns(pl.col("patient").alias("id"), alike.alias("label"), self._problems(found))
        if "leakage" in found.columns:
            found = found.with_columns(pl.col("leakage").str.replace(PICTURE, PATIENT, literal=True))
        # As in Predictions.save: of two classes the positive one's probability stands last.
        ordered = sorted(self._columns, key=lambda name: name == probability_column(str(self.classes.positive)))
        further = [name for name in (*COUNTED.values(), "problem", "leakage") if name in found.columns]
        return found.select("id", "patient", "label", "called", *ordered, "cells", "unreadable", *further)

    @property
    def _columns(self) -> list[str]:
        return [probability_column(name) for name in self.classes.names]

    def _merged(self, sums: pl.DataFrame) -> pl.DataFrame:
        own = {"least_label": pl.col("least_label").min(), "largest_label": pl.col("largest_label").max()}
        own |= {"leakage": pl.col("leakage").drop_nulls().first()} if "leakage" in sums.columns else {}
        rest = [pl.col(name).sum() for name in sums.columns if name not in own and name != "patient"]
        return sums.group_by("patient", maintain_order=True).agg(*own.values(), *rest).select(sums.columns)

    def _problems(self, found: pl.DataFrame) -> pl.Series:
        said = [
            None if cells else f"None of the patient's {counted(unreadable, 'picture')} can be read."
            for cells, unreadable in found.select("cells", "unreadable").iter_rows()
        ]
        return pl.Series("problem", said, dtype=pl.String)
