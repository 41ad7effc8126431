"""A table of patients' facts that somebody brings along with their pictures."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table
from leukoscope.predictions.columns import recognise

Facts = Path | str | pl.DataFrame | None
FIRST_ROW = 2  # row 1 of a csv is its header


def read_fact_table(facts: Path | str | pl.DataFrame, inputs: tuple[str, ...]) -> pl.DataFrame:
    """Read a table of facts.

    Columns are found by name in either case: the patient's (``patient``, ``subject``, ``id`` ...), the label's where
    there is one, and the facts'.

    Args:
        facts: The table, or its path: csv or parquet. A csv's fields are read as text, so that ``007`` stays ``007``;
            empty ones are null.
        inputs: The facts that are wanted.

    Returns:
        One row a patient: ``patient`` (text), ``label`` where there is one (text), the facts, and whatever else.

    Raises:
        DataError: the table is damaged, names no patients, has a row without patient or a patient on two rows.
    """
    given = isinstance(facts, pl.DataFrame)
    table = facts if isinstance(facts, pl.DataFrame) else read_table(Path(facts), text=True)
    where = "the table of facts" if given else str(facts)
    table = _renamed(table, inputs, where)
    patient = table["patient"].cast(pl.String).str.strip_chars()
    table = table.with_columns(patient.set(patient == "", None))
    _refuse_repeats(table["patient"], where)
    return table.with_columns(pl.col("label").cast(pl.String)) if "label" in table.columns else table


def _renamed(table: pl.DataFrame, inputs: tuple[str, ...], where: str) -> pl.DataFrame:
    roles = recognise(table, {}).roles
    key = roles.get("patient", roles.get("id"))
    if key is None:
        raise DataError(
            f"The table of facts names no patients; its columns: {', '.join(table.columns)}.",
            where=where,
            do="Name the patients in a column patient.",
        )
    lower = {name.strip().lower(): name for name in table.columns}
    new = {lower[name.lower()]: name for name in inputs if name not in table.columns and name.lower() in lower}
    label = roles.get("label")
    if label is not None and label not in {*inputs, *new}:
        new[label] = "label"
    return table.rename({**new, key: "patient"})


def _refuse_repeats(patients: pl.Series, where: str) -> None:
    nameless = patients.is_null().arg_true()
    if len(nameless):
        raise DataError(
            "A row of the table of facts names no patient.",
            where=f"{where}, row {nameless[0] + FIRST_ROW}",
            more=len(nameless) - 1,
            do="Fill it in, or take the row out.",
        )
    again = (~patients.is_first_distinct()).arg_true()
    if len(again):
        raise DataError(
            f"Patient {patients[again[0]]!r} stands on two rows.",
            where=f"{where}, row {again[0] + FIRST_ROW}",
            more=len(again) - 1,
            do="Keep the right one.",
        )
