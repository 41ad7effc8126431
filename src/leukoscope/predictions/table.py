"""Predictions: one table of probabilities, and nothing that made them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, counted, nearest
from leukoscope.files import read_table, write_table

# Probabilities saved as float32, or rounded to four digits in a csv of eight classes, miss 1 by less than this.
SUM_TOLERANCE = 1e-3
TEXT_COLUMNS = ("id", "patient", "group", "part", "label", "patient_label", "called", "run", "leakage")
SHOWN_ROWS = 5

Unit = Literal["cell", "patient"]
"""What a row of predictions speaks of: a cell, or a patient as a whole."""


def probability_column(name: str) -> str:
    """Return the name of a class's probability column.

    Example:
        >>> probability_column("all")
        'p_all'
    """
    return f"p_{name}"


@dataclass(frozen=True)
class Predictions:
    """What a model, or a person, said of each cell, or of each patient as a whole.

    Args:
        table: One row a cell (or a patient: see ``unit``). ``id`` (unique within a part and run), ``patient``,
            ``group`` (linked group), ``part``, ``label`` (the true class; null where unknown), ``patient_label``
            (the patient's own class where it is known apart from its cells), ``p_<class>`` for each class (0 to 1,
            summing to 1; all absent where only labels were predicted), ``called`` (the class that was said; null where
            probabilities must decide), ``logit`` (of the positive class; two classes only), ``run``, ``leakage`` (the
            reason that was given for a leaking split, the same on all rows; null where nothing leaks). Missing columns
            but ``id`` are added as null.
        classes: The classes, in the order of the model's outputs.
        unit: What a row speaks of. A ``patient``'s row has the patient's name as its ``id`` and as its ``patient``
            (filled in where it is missing), and the patient's label as its ``label``. Every sentence about the
            predictions, and about their scores, counts patients then. It is not kept in the file.

    Raises:
        DataError: probabilities that are no numbers from 0 to 1, or do not sum to 1; a row with neither probabilities
            nor a called class; an unknown class; a patient's row of another patient's name, or a patient who stands
            twice in a part and run.
        SettingsError: an unknown unit.
    """

    table: pl.DataFrame
    classes: Classes
    unit: Unit = "cell"

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise SettingsError(f"A row cannot be a {self.unit!r}.", do=nearest(self.unit, get_args(Unit)))
        if "id" not in self.table.columns:
            raise DataError(f"The predictions lack the column 'id'; they have: {', '.join(self.table.columns)}.")
        text = [
            (pl.col(name) if name in self.table.columns else pl.lit(None)).cast(pl.String).alias(name)
            for name in TEXT_COLUMNS
        ]
        others = [name for name in self.table.columns if name not in TEXT_COLUMNS]
        object.__setattr__(self, "table", self.table.select(*text, *others))
        if self.unit == "patient":
            self._take_ids_as_patients()
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

    @property
    def leakage(self) -> str | None:
        """The reason that was given for a leaking split; None where nothing leaks. One marked row marks them all."""
        reasons = self.table["leakage"].drop_nulls().unique(maintain_order=True)
        return "; ".join(reasons) or None

    def probabilities(self) -> np.ndarray:
        """Return the probabilities, (n, classes) float64."""
        return self.table.select(self.columns).to_numpy().astype(np.float64)

    def save(self, path: Path) -> None:
        """Write the table as csv or parquet.

        Probabilities stand in the order of the classes, but the positive class's last: ``read_foreign``, which is not
        told the classes, takes the last of two as positive.
        """
        ordered = iter(sorted(self.columns, key=lambda name: name == probability_column(str(self.classes.positive))))
        names = self.table.columns
        if self.has_probabilities:
            names = [next(ordered) if name in self.columns else name for name in names]
        write_table(path, self.table.select(names))

    @classmethod
    def load(cls, path: Path, classes: Classes, unit: Unit = "cell") -> Predictions:
        """Read a table that ``save`` wrote; a patient ``007`` stays ``007``.

        Args:
            path: A csv or parquet file; columns are found by name.
            classes: The classes.
            unit: What a row speaks of; the file does not say it.

        Raises:
            DataError: the file is missing or damaged, a number is none, or see ``Predictions``.
        """
        table = read_table(path, text=True)
        numbers = [probability_column(name) for name in classes.names] + ["logit"]
        read = table.with_columns(_number(table[name], path) for name in numbers if name in table.columns)
        return cls(read, classes, unit)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        head = self.table.head(SHOWN_ROWS)
        head = head.select(name for name in head.columns if self.table[name].null_count() < self.table.height)
        rows = [("th", head.columns), *(("td", row) for row in head.iter_rows())]
        body = "".join(f"<tr>{''.join(_field(tag, value) for value in row)}</tr>" for tag, row in rows)
        return f"<p>{'<br>'.join(map(html.escape, self._lines()))}</p><table>{body}</table>"

    def _lines(self) -> list[str]:
        kind = "probabilities" if self.has_probabilities else "called classes only"
        labelled = self.table["label"].drop_nulls().len()
        rows = f"{counted(self.table.height, self.unit)} ({labelled:,} with label)"
        said = f"Predictions of {rows}, {kind}: {', '.join(self.classes.names)}"
        return [said] if self.leakage is None else [f"LEAKAGE: {self.leakage}", said]

    def _take_ids_as_patients(self) -> None:
        table = self.table.with_columns(pl.coalesce("patient", "id").alias("patient"))
        wrong = table.filter(pl.col("id").is_null() | (pl.col("id") != pl.col("patient")))
        if wrong.height:
            first = wrong.row(0, named=True)
            raise DataError(
                f"In predictions of patients the id is the patient; here it is of {first['patient']!r}.",
                where=f"id {first['id']}",
                more=wrong.height - 1,
                do="Give one row a patient, with the patient's name as its id.",
            )
        again = table.filter(~pl.struct("id", "part", "run").is_first_distinct())
        if again.height:
            first = again.row(0, named=True)
            raise DataError(
                f"The patient {first['id']!r} stands twice; a patient has one row.",
                where=f"id {first['id']}",
                more=again.height - 1,
            )
        object.__setattr__(self, "table", table)

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


def _number(values: pl.Series, path: Path) -> pl.Series:
    if values.dtype != pl.String:
        return values
    numbers = values.cast(pl.Float64, strict=False)
    wrong = (numbers.is_null() & values.is_not_null()).arg_true()
    if len(wrong):
        raise DataError(
            f"The column {values.name!r} needs a number; it has {values[wrong[0]]!r}.",
            where=f"{path}, row {wrong[0] + 2}",
            more=len(wrong) - 1,
        )
    return numbers


def _field(tag: str, value: object) -> str:
    text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    return f"<{tag}>{html.escape(text)}</{tag}>"
