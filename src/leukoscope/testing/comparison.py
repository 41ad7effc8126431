"""Where two cohorts differ, in words."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.cohort.cohort import Cohort

LASTING = ("id", "path", "label", "patient", "place", "excluded")
"""The columns of cells that do not depend on what the data set's folder is called."""


def difference(one: Cohort, other: Cohort, columns: Sequence[str] | None = None) -> str | None:
    """Return in words where two cohorts differ; None where they do not. Their roots and notes are not looked at.

    Args:
        one: A cohort.
        other: What should be the same.
        columns: The columns of cells to compare; where not given, all of them, and the marks and known links too.
    """
    tables = [("cells", _chosen(one.cells, columns), _chosen(other.cells, columns), "id")]
    tables.append(("patients", one.patients, other.patients, "patient"))
    if columns is None:
        if one.tables.keys() != other.tables.keys():
            return f"the tables of marks are {sorted(one.tables)} and {sorted(other.tables)}"
        tables += [(name, table, other.tables[name], "id") for name, table in one.tables.items()]
        tables.append(("known links", one.patient_links, other.patient_links, "patient_a"))
    said = (_of_tables(*table) for table in tables)
    found = next((words for words in said if words is not None), None)
    if found is None and one.classes != other.classes:
        return f"the classes are {', '.join(one.classes.names)} and {', '.join(other.classes.names)}"
    return found


def _chosen(table: pl.DataFrame, columns: Sequence[str] | None) -> pl.DataFrame:
    return table if columns is None else table.select(columns)


def _of_tables(name: str, one: pl.DataFrame, other: pl.DataFrame, key: str) -> str | None:
    if one.schema != other.schema:
        return f"the columns of the {name} are {dict(one.schema)} and {dict(other.schema)}"
    if one.height != other.height:
        return f"the {name} are {one.height} rows and {other.height}"
    for column in (key, *(column for column in one.columns if column != key)):
        unequal = ~one[column].eq_missing(other[column])
        if unequal.any():
            row = unequal.arg_true()[0]
            which = "" if column == key else f" of {one[key][row]!r}"
            return f"the {column}{which} in the {name} is {one[column][row]!r} and {other[column][row]!r}"
    return None
