"""The global statistics of patients: how many pictures, which row, declared facts, and their pictures' means."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.shortcuts.cells import CELL_STATISTICS, cell_table
from leukoscope.audit.shortcuts.declared import usable
from leukoscope.audit.shortcuts.statistic import Statistic
from leukoscope.cohort.cohort import PATIENT_COLUMNS, Cohort
from leukoscope.facts.circumstances import is_circumstance

NUMBER = Statistic("number of pictures", "technical", ("pictures",), "the number of a patient's pictures")
ROW = Statistic("row order", "technical", ("row_order",), "the row in the patients' table", seen=False)
MEAN = "mean of "


def patient_table(cells: pl.DataFrame, cohort: Cohort) -> pl.DataFrame:
    """Return the statistics of the patients whose class is known.

    Args:
        cells: The usable cells, labelled or not, as ``cell_table`` takes them, with ``unit``.
        cohort: The cohort.

    Returns:
        ``id`` (the patient), ``group``, ``label``, ``pictures``, ``row_order``, the declared columns as they can be
        used, and, where no cell has a class of its own, the means of their pictures' statistics. Sorted by id.
    """
    table = _with_class(cohort).with_columns(_row_order(cohort).alias("row_order"))
    groups = cells.group_by("unit").agg(pl.col("group").first(), pictures=pl.len().cast(pl.Float64))
    table = table.join(groups, left_on="patient", right_on="unit").filter(pl.col("label").is_not_null())
    if not cohort.labelled.height:
        table = table.join(_means(cells, cohort), on="patient", how="left")
    return table.rename({"patient": "id"}).sort("id")


def patient_statistics(cohort: Cohort) -> tuple[Statistic, ...]:
    """Return what can be tried on a cohort's patients: number of pictures, row, each declared fact, means of pictures.

    A date of birth is left out where an age says the same.
    """
    declared = [_declared(name) for name in _facts(cohort)]
    averaged = [] if cohort.labelled.height else [one for one in CELL_STATISTICS if one.seen]
    return (NUMBER, ROW, *declared, *map(_averaged, averaged))


def _facts(cohort: Cohort) -> list[str]:
    names = [name for name in cohort.patients.columns if name not in PATIENT_COLUMNS and name != "row"]
    # An age says what a date of birth says, and "f" as written says the sex again.
    wanted = [name for name in names if not name.endswith("_as_written") and not (name == "born" and "age" in names)]
    return [name for name in wanted if usable(cohort.patients[name]) is not None]


def _declared(name: str) -> Statistic:
    said = name.replace("_", " ")
    phrase = f"how {said.removesuffix(' format')!r} is written" if said.endswith(" format") else f"the {said}"
    return Statistic(said, "technical" if is_circumstance(name) else "clinical", (name,), phrase, seen=False)


def _averaged(one: Statistic) -> Statistic:
    columns = tuple(MEAN + name for name in one.columns)
    return Statistic(one.name, one.kind, columns, f"{one.phrase} of a patient's pictures")


def _with_class(cohort: Cohort) -> pl.DataFrame:
    """Return the patients with their own class, or else the one class that all of their cells have."""
    theirs = cohort.labelled.drop_nulls("patient").group_by("patient")
    classes = theirs.agg(labels=pl.col("label").n_unique(), only=pl.col("label").first())
    only = pl.when(pl.col("labels") == 1).then("only")
    facts = [usable(cohort.patients[name]) for name in _facts(cohort)]
    table = cohort.patients.select("patient", "label", *(fact for fact in facts if fact is not None))
    table = table.join(classes, on="patient", how="left", maintain_order="left")
    return table.with_columns(label=pl.coalesce("label", only)).drop("labels", "only")


def _row_order(cohort: Cohort) -> pl.Series:
    """Return the row in the patients' table, 0 to 1; null where its rows follow the patients' names or the pictures."""
    patients = cohort.patients["patient"]
    met = cohort.cells["patient"].drop_nulls().unique(maintain_order=True)
    if not patients.len() or patients.is_sorted() or patients.head(met.len()).equals(met):
        return pl.Series([None] * patients.len(), dtype=pl.Float64)
    rows = cohort.patients["row"] if "row" in cohort.patients.columns else pl.Series(range(patients.len()))
    return (rows.rank("average") - 0.5) / patients.len()


def _means(cells: pl.DataFrame, cohort: Cohort) -> pl.DataFrame:
    """Return the mean of each statistic over a patient's pictures; of words the commonest."""
    table = cell_table(cells, cohort).drop_nulls("patient")
    numbers = [name for name, kind in table.schema.items() if kind.is_numeric()]
    made = [pl.col(name).cast(pl.Float64).mean().alias(MEAN + name) for name in numbers]
    form = pl.col("form").drop_nulls().mode().sort().first().alias(MEAN + "form")
    return table.group_by("patient").agg(*made, form)
