"""What the cells' predictions say of each patient."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import stats

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation.calling import decide, places
from leukoscope.evaluation.scores import PATIENT_SCHEMA
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Floats, Ints, units_of
from leukoscope.predictions.table import probability_column


def patient_table(
    table: pl.DataFrame, classes: Classes, *, threshold: float | None, by_majority: bool, level: float
) -> pl.DataFrame:
    """Return one row a patient, ordered by class and name.

    The patient's call: the positive class where the mean of its cells' probabilities reaches the cells' threshold
    (0.5 where none is given), or, of more than two classes, the one of the highest mean; by majority of its cells'
    calls where ``by_majority``, a tie falling to the positive class, or to the first.

    Args:
        table: Labelled cells with a patient: ``patient``, ``group``, ``label``, ``patient_label``, ``called`` and,
            where there are any, the probabilities.
        classes: The classes.
        threshold: The cells' operating threshold.
        by_majority: Whether calls decide rather than probabilities.
        level: The coverage of each patient's share of right cells (Wilson 1927; over its cells, taken as independent).

    Returns:
        The columns of ``Scores.by_patient``, and ``group`` and the mean probabilities where they are known.

    Raises:
        DataError: a patient has two labels or stands in two linked groups.
    """
    _refuse_two(table, "patient_label", "A patient has two labels of its own")
    _refuse_two(table, "group", "A patient stands in two linked groups")
    columns = [name for name in map(probability_column, classes.names) if name in table.columns]
    own = pl.col("patient_label").drop_nulls().first()
    alike = pl.when(pl.col("label").n_unique() == 1).then(pl.col("label").first())
    found = table.group_by("patient", maintain_order=True).agg(
        pl.coalesce(own, alike).alias("label"),
        pl.len().cast(pl.Int64).alias("cells"),
        (pl.col("label") == pl.col("called")).sum().cast(pl.Int64).alias("right"),
        pl.col("group").first(),
        *[pl.col(name).mean() for name in columns],
        *[(pl.col("called") == name).sum().alias(f"votes_{name}") for name in classes.names],
    )
    decided = _majority(found, classes) if by_majority else decide(found.select(columns).to_numpy(), classes, threshold)
    low, high = wilson(found["right"].to_numpy(), found["cells"].to_numpy(), level)
    score = pl.lit(None) if not columns or classes.positive is None else pl.col(probability_column(classes.positive))
    found = found.with_columns(
        (pl.col("right") / pl.col("cells")).alias("share_right"),
        pl.Series("low", low),
        pl.Series("high", high),
        pl.Series("called", [classes.names[place] for place in decided], dtype=pl.String),
        score.cast(pl.Float64).alias("score"),
        pl.Series("order", places(found["label"], classes)),
    )
    return found.sort("order", "patient").select(*PATIENT_SCHEMA, "group", *columns)


def patient_material(patients: pl.DataFrame, classes: Classes) -> Material:
    """Return the patients that have a label, one row each, as material for scores.

    Args:
        patients: What ``patient_table`` returned.
        classes: The classes.
    """
    known = patients.filter(pl.col("label").is_not_null())
    truth = places(known["label"], classes)
    columns = [name for name in map(probability_column, classes.names) if name in known.columns]
    units = units_of(known, truth, np.full(known.height, -1), len(classes))
    probabilities = known.select(columns).to_numpy() if columns else None
    return Material(truth, places(known["called"], classes), probabilities, classes, units)


def wilson(right: Ints, cells: Ints, level: float) -> tuple[Floats, Floats]:
    """Return the score interval of shares (Wilson 1927, JASA 22:209), (n,) each.

    Example:
        >>> low, high = wilson(np.array([9]), np.array([10]), 0.95)
        >>> round(float(low[0]), 4), round(float(high[0]), 4)
        (0.5958, 0.9821)
    """
    z = stats.norm.ppf((1 + level) / 2)
    middle = (right + z**2 / 2) / (cells + z**2)
    reach = z / (cells + z**2) * np.sqrt(right * (cells - right) / cells + z**2 / 4)
    return np.where(right == 0, 0.0, middle - reach), np.where(right == cells, 1.0, middle + reach)


def _majority(votes: pl.DataFrame, classes: Classes) -> Ints:
    counts = votes.select([f"votes_{name}" for name in classes.names]).to_numpy()
    if classes.positive is None:
        return np.asarray(counts.argmax(axis=1), dtype=np.int64)
    return decide(counts / counts.sum(axis=1, keepdims=True), classes, None)


def _refuse_two(table: pl.DataFrame, column: str, what: str) -> None:
    found = table.group_by("patient", maintain_order=True).agg(pl.col(column).drop_nulls().unique().sort())
    wrong = found.filter(pl.col(column).list.len() > 1)
    if wrong.height:
        patient, values = wrong.row(0)
        named = " and ".join(repr(value) for value in values[:2])
        raise DataError(f"{what}: {named}.", where=f"patient {patient}", more=wrong.height - 1)
