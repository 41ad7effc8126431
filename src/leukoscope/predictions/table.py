"""Predictions: one table of probabilities, and nothing that made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, counted
from leukoscope.files import read_table, write_table

# Probabilities saved as float32, or rounded to four digits in a csv of eight classes, miss 1 by less than this.
SUM_TOLERANCE = 1e-3
TEXT_COLUMNS = ("id", "patient", "group", "part", "label", "patient_label", "called", "run")


def probability_column(name: str) -> str:
    """Return the name of a class's probability column.

    Example:
        >>> probability_column("all")
        'p_all'
    """
    return f"p_{name}"


@dataclass(frozen=True)
class Predictions:
    """What a model, or a person, said of each cell.

    Args:
        table: One row a cell. ``id`` (unique within a part and run), ``patient``, ``group`` (linked group), ``part``,
            ``label`` (the true class; null where unknown), ``patient_label`` (the patient's own class where it is
            known apart from its cells), ``p_<class>`` for each class (0 to 1, summing to 1; all absent where only
            labels were predicted), ``called`` (the class that was said; null where probabilities must decide),
            ``logit`` (of the positive class; two classes only), ``run``. Missing columns but ``id`` are added as null.
        classes: The classes, in the order of the model's outputs.

    Raises:
        DataError: probabilities that are no numbers from 0 to 1, or do not sum to 1; a row with neither probabilities
            nor a called class; an unknown class.
    """

    table: pl.DataFrame
    classes: Classes

    def __post_init__(self) -> None:
        if "id" not in self.table.columns:
            raise DataError(f"The predictions lack the column 'id'; they have: {', '.join(self.table.columns)}.")
        text = [
            (pl.col(name) if name in self.table.columns else pl.lit(None)).cast(pl.String).alias(name)
            for name in TEXT_COLUMNS
        ]
        others = [name for name in self.table.columns if name not in TEXT_COLUMNS]
        object.__setattr__(self, "table", self.table.select(*text, *others))
        self._refuse_unknown("label")
        self._refuse_unknown("patient_label")
        self._refuse_unknown("called")
        if self.has_probabilities:
            self._refuse_bad_probabilities()
        elif self.table["called"].null_count():
            first = self.table.filter(pl.col("called").is_null())["id"][0]
            raise DataError("A row has neither probabilities nor a predicted class.", where=f"id {first}")

    @property
    def columns(self) -> list[str]:
        """The names of the probability columns, in the order of the classes."""
        return [probability_column(name) for name in self.classes.names]

    @property
    def has_probabilities(self) -> bool:
        """Whether there is a probability for every class."""
        return all(column in self.table.columns for column in self.columns)

    def probabilities(self) -> np.ndarray:
        """Return the probabilities, (n, classes) float64."""
        return self.table.select(self.columns).to_numpy().astype(np.float64)

    def save(self, path: Path) -> None:
        """Write the table as csv or parquet."""
        write_table(path, self.table)

    @classmethod
    def load(cls, path: Path, classes: Classes) -> Predictions:
        """Read a table that ``save`` wrote."""
        return cls(read_table(path), classes)

    def __repr__(self) -> str:
        kind = "probabilities" if self.has_probabilities else "called classes only"
        labelled = self.table["label"].drop_nulls().len()
        cells = f"{counted(self.table.height, 'cell')} ({labelled:,} with label)"
        return f"Predictions of {cells}, {kind}: {', '.join(self.classes.names)}"

    def _refuse_unknown(self, column: str) -> None:
        wrong = self.table.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(self.classes.names)))
        if wrong.height:
            first = wrong.row(0, named=True)
            raise DataError(
                f"The {column} {first[column]!r} is none of the classes {', '.join(self.classes.names)}.",
                where=f"id {first['id']}",
                more=wrong.height - 1,
            )

    def _refuse_bad_probabilities(self) -> None:
        values = self.probabilities()
        numbers = np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1)
        wrong = ~(numbers & (np.abs(values.sum(axis=1) - 1) < SUM_TOLERANCE))
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"Probabilities must be numbers from 0 to 1 that sum to 1; found {values[first].tolist()}.",
                where=f"id {self.table['id'][first]}",
                more=int(wrong.sum()) - 1,
            )
