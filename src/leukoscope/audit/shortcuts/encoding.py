"""From columns of numbers and words to the matrix that a classifier takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

RAREST = 5
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """How one column becomes numbers.

    Args:
        name: Its name.
        levels: Its words that have a column of zeros and ones each; empty for a number.
        middle: Median of a number, which stands where it is missing.
        spread: Its standard deviation, 1 where that is 0.
        gaps: Whether it is missing somewhere, which is then a column of its own.
    """

    name: str
    levels: tuple[str, ...] = ()
    middle: float = 0.0
    spread: float = 1.0
    gaps: bool = False

    @classmethod
    def fitted(cls, values: pl.Series) -> Column:
        """Learn it from the rows of the training part."""
        if values.dtype == pl.String:
            counts = values.drop_nulls().value_counts().filter(pl.col("count") >= RAREST)
            return cls(values.name, tuple(counts[values.name].sort()))
        numbers = _numbers(values)
        known = numbers[~np.isnan(numbers)]
        if not len(known):
            return cls(values.name)
        spread = float(known.std())
        return cls(values.name, (), float(np.median(known)), spread or 1.0, len(known) < len(numbers))

    def matrix(self, values: pl.Series) -> Matrix:
        """Return its columns, (n, 1 or more)."""
        if self.levels:
            words = values.to_numpy()
            return np.column_stack([words == level for level in self.levels]).astype(np.float64)
        if values.dtype == pl.String:
            return np.zeros((len(values), 1))
        numbers = (_numbers(values) - self.middle) / self.spread
        missing = np.isnan(numbers)
        made = np.where(missing, 0.0, numbers)[:, None]
        return np.column_stack([made, missing]) if self.gaps else made


def encoded(train: pl.DataFrame, other: pl.DataFrame, columns: tuple[str, ...]) -> tuple[Matrix, Matrix]:
    """Return the matrices of two tables; medians, deviations and words are those of the first.

    Args:
        train: The rows to learn from.
        other: The rows to score.
        columns: Which columns are used.
    """
    fitted = [Column.fitted(train[name]) for name in columns]
    pairs = [(column.matrix(train[column.name]), column.matrix(other[column.name])) for column in fitted]
    return np.column_stack([one for one, _ in pairs]), np.column_stack([two for _, two in pairs])


def varies(table: pl.DataFrame, columns: tuple[str, ...]) -> bool:
    """Whether any of the columns has two values, one of them perhaps missing."""
    return any(table[name].n_unique() > 1 for name in columns)


def _numbers(values: pl.Series) -> Matrix:
    return values.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)
