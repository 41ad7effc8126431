"""Lyon's clinical table: label, sex, date of birth in two formats, lymphocyte count."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.rows import require_columns, stated, with_plain_header
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted
from leukoscope.files import read_table

COLUMNS = ("ID", "LABEL", "GENDER", "DOB", "LYMPH_COUNT")
FACTS = ("patient", "label", "age", "sex", "sex_as_written", "lymphocyte_count", "born", "born_format", "row")
LABELS = {"0": "reactive", "1": "tumoral"}
UNKNOWN = "-1"
FORMATS = {"m/d/YYYY": (r"^\d{1,2}/\d{1,2}/\d{4}$", "%m/%d/%Y"), "dd-mm-YYYY": (r"^\d{1,2}-\d{1,2}-\d{4}$", "%d-%m-%Y")}
OLDEST = 120.0  # years; nobody of the last decades was much older
DAYS_A_YEAR = 365.2425  # the mean Gregorian year


@dataclass(frozen=True)
class Facts:
    """Patients and what is known of them.

    Args:
        table: ``patient``, ``label``, ``age``, ``sex``, ``sex_as_written``, ``lymphocyte_count``, ``born``,
            ``born_format``, ``row``.
        notes: What could not be read, with its row, and on which day the ages are stated.
    """

    table: pl.DataFrame
    notes: tuple[str, ...]


def read_facts(path: Path, day: dt.date) -> Facts:
    """Read ``clinical_annotation.csv``.

    Args:
        path: The csv.
        day: The day on which ages are stated.

    Raises:
        DataError: the csv is damaged, lacks a column, has a row without ID, or a patient on two rows.
    """
    rows = _rows(path)
    label = pl.col("LABEL").str.replace(r"\.0+$", "")
    rows = rows.with_columns(
        label=label.replace_strict(LABELS, default=None, return_dtype=pl.String),
        sex_as_written="GENDER",
        sex=pl.col("GENDER").str.to_uppercase().replace_strict({"F": "F", "M": "M"}, default=None),
        lymphocyte_count=_at_least_zero(pl.col("LYMPH_COUNT").cast(pl.Float64, strict=False)),
        born=_born(),
        born_format=_born_format(),
    )
    rows = rows.with_columns(born=pl.when(pl.col("born") <= day).then("born"))
    rows = rows.with_columns(age=((pl.lit(day) - pl.col("born")).dt.total_days() / DAYS_A_YEAR).round(2))
    checks = [
        ("LABEL", ("label", "labels"), (label.eq_missing(UNKNOWN)) | pl.col("label").is_not_null()),
        ("GENDER", ("sex", "sexes"), pl.col("sex").is_not_null()),
        ("DOB", ("date of birth", "dates of birth"), pl.col("born").is_not_null()),
        ("LYMPH_COUNT", ("lymphocyte count", "lymphocyte counts"), pl.col("lymphocyte_count").is_not_null()),
    ]
    notes = [note for column, what, good in checks for note in _unreadable(rows, path.name, column, what, good)]
    notes += _unlikely(rows, path.name)
    rows = rows.with_columns(pl.col("row").cast(pl.Int64), patient=pl.col("ID"))
    return Facts(rows.select(FACTS), (*_date_notes(rows, day), *notes))


def _rows(path: Path) -> pl.DataFrame:
    table = with_plain_header(read_table(path, text=True))
    require_columns(table, COLUMNS, "clinical table", path)
    rows = table.select(stated(column) for column in COLUMNS).with_row_index("row", 2)
    nameless = rows.filter(pl.col("ID").is_null())["row"]
    if nameless.len():
        raise DataError(
            "A row names no patient (column ID).",
            where=f"{path}, row {nameless[0]}",
            more=nameless.len() - 1,
            do="Fill it in, or take the row out.",
        )
    again = rows.filter(~pl.col("ID").is_first_distinct())
    if again.height:
        row, patient = again.select("row", "ID").row(0)
        raise DataError(
            f"Patient {patient!r} stands on two rows.",
            where=f"{path}, row {row}",
            more=again.height - 1,
            do="Keep the right one.",
        )
    return rows


def _born() -> pl.Expr:
    """Read a date by the format it is written in: month first with slashes, day first with hyphens."""
    return pl.coalesce(
        pl.when(pl.col("DOB").str.contains(pattern)).then(pl.col("DOB").str.to_date(form, strict=False))
        for pattern, form in FORMATS.values()
    )


def _born_format() -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col("DOB").str.contains(pattern)).then(pl.lit(name)) for name, (pattern, _) in FORMATS.items()
    )


def _at_least_zero(values: pl.Expr) -> pl.Expr:
    return pl.when(values.is_finite() & (values >= 0)).then(values)


def _unreadable(rows: pl.DataFrame, file: str, column: str, what: tuple[str, str], good: pl.Expr) -> list[str]:
    bad = rows.filter(~good).select("row", "ID", column).rows()
    if not bad:
        return []
    shown = listed(f"row {row}, {patient}: {value or 'nothing'}" for row, patient, value in bad)
    return [f"{file}: {counted(len(bad), *what)} missing or not readable, taken as unknown ({shown})."]


def _unlikely(rows: pl.DataFrame, file: str) -> list[str]:
    old = rows.filter(pl.col("age") > OLDEST).select("row", "ID", "DOB").rows()
    shown = listed(f"row {row}, {patient}: {born}" for row, patient, born in old)
    return [f"{file}: {counted(len(old), 'age')} above {OLDEST:g}, kept as stated ({shown})."] * bool(old)


def _date_notes(rows: pl.DataFrame, day: dt.date) -> list[str]:
    counts = rows["born_format"].drop_nulls().value_counts(sort=True).sort("count", descending=True)
    written = listed(f"{number} {name}" for name, number in counts.iter_rows())
    notes = [f"Ages are in years on {day.isoformat()}, since no date of sampling is given (option reference)."]
    return notes + [f"Dates of birth are written in two ways: {written}."] * (counts.height > 1)
