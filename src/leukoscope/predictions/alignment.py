"""What several models say of the same rows, brought into one order; unequal rows, labels or classes are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, counted
from leukoscope.predictions.table import Predictions, Unit

KEPT = ("id", "patient", "group", "part", "label", "patient_label")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Aligned:
    """What m models say of n rows.

    Args:
        names: The models' m names.
        classes: The k classes, in the order of the probabilities.
        unit: What a row speaks of.
        table: One row a cell (or a patient), sorted by ``id``: ``id``, ``patient``, ``group``, ``part``, ``label``
            (never null), ``patient_label``.
        probabilities: (m, n, k) float64, 0 to 1.
        leakage: The reasons that were given for leaking splits; None where nothing leaks.
    """

    names: tuple[str, ...]
    classes: Classes
    unit: Unit
    table: pl.DataFrame
    probabilities: Floats
    leakage: str | None

    @property
    def truth(self) -> npt.NDArray[np.int64]:
        """(n,) int64, the place of each row's label in the classes."""
        order = {name: place for place, name in enumerate(self.classes.names)}
        return self.table["label"].replace_strict(order, return_dtype=pl.Int64).to_numpy()

    @property
    def groups(self) -> list[str] | None:
        """What of the rows belongs together, (n,): the linked group, else the patient; None if a row has neither."""
        together = self.table.select(pl.coalesce("group", "patient"))["group"]
        return None if together.null_count() else together.to_list()

    def said(self, probabilities: Floats, run: str) -> Predictions:
        """Return probabilities of the same rows as predictions.

        Args:
            probabilities: (n, k), of what the models say together.
            run: The name for the column ``run``.
        """
        columns = {f"p_{name}": probabilities[:, place] for place, name in enumerate(self.classes.names)}
        if self.classes.positive is not None:
            place = self.classes.index(self.classes.positive)
            chance = np.clip(probabilities[:, place], 1e-12, 1 - 1e-12)
            columns["logit"] = np.log(chance) - np.log1p(-chance)
        table = self.table.with_columns(
            run=pl.lit(run),
            leakage=pl.lit(self.leakage, dtype=pl.String),
            **{k: pl.Series(v) for k, v in columns.items()},
        )
        return Predictions(table, self.classes, self.unit)


def align(models: Mapping[str, Predictions]) -> Aligned:
    """Bring what several models say of the same rows into one order.

    Args:
        models: Each model's predictions by its name, with probabilities; rows without label are left out.

    Returns:
        The rows, sorted by id.

    Raises:
        DataError: a model gives no probabilities, a row twice, or other classes, rows, labels or parts than the first
            one; the first difference is named.
    """
    tables = {name: _rows(name, said) for name, said in models.items()}
    first, *others = models
    known = tables[first]
    for name in others:
        _refuse_other_classes(first, models[first], name, models[name])
        _refuse_other_rows(first, known, name, tables[name])
    columns = models[first].columns
    values = np.stack([tables[name].select(columns).to_numpy().astype(np.float64) for name in models])
    reasons = list(dict.fromkeys(said.leakage for said in models.values() if said.leakage))
    return Aligned(
        tuple(models),
        models[first].classes,
        models[first].unit,
        known.select(KEPT),
        values,
        "; ".join(reasons) or None,
    )


def _rows(name: str, said: Predictions) -> pl.DataFrame:
    if not said.has_probabilities:
        raise DataError(
            "These predictions have called classes only, and models are combined by their probabilities.",
            where=f"model {name}",
        )
    table = said.table.filter(pl.col("label").is_not_null()).sort("id")
    again = table.filter(~pl.col("id").is_first_distinct())
    if again.height:
        raise DataError("A row stands twice.", where=f"model {name}, id {again['id'][0]}", more=again.height - 1)
    return table


def _refuse_other_classes(first: str, known: Predictions, name: str, said: Predictions) -> None:
    if (known.classes.names, known.classes.positive, known.unit) != (
        said.classes.names,
        said.classes.positive,
        said.unit,
    ):
        raise DataError(
            f"{first!r} tells {', '.join(known.classes.names)} of each {known.unit}, {name!r} tells "
            f"{', '.join(said.classes.names)} of each {said.unit}.",
            where=f"model {name}",
            do="Combine models of the same classes, in the same order.",
        )


def _refuse_other_rows(first: str, known: pl.DataFrame, name: str, table: pl.DataFrame) -> None:
    for here, there, has, lacks in ((known, table, first, name), (table, known, name, first)):
        alone = here.filter(~pl.col("id").is_in(there["id"].to_list()))
        if alone.height:
            raise DataError(
                f"{has!r} speaks of rows that {lacks!r} does not ({known.height:,} and {table.height:,} rows).",
                where=f"id {alone['id'][0]}",
                more=alone.height - 1,
                do="Combine models that were scored on the same split of the same data.",
            )
    for column, what in (("label", "another label"), ("part", "another part"), ("patient", "another patient")):
        unequal = known[column].eq_missing(table[column]).not_()
        if unequal.any():
            row = int(unequal.arg_true()[0])
            raise DataError(
                f"{name!r} gives a row {what} than {first!r}: {table[column][row]!r}, not {known[column][row]!r}.",
                where=f"id {known['id'][row]}",
                more=int(unequal.sum()) - 1,
                do=f"Combine models of the same split; {counted(int(unequal.sum()), 'row')} differ.",
            )
