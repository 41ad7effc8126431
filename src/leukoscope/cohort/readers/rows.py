"""What several readers do to their rows: telling repeated cells apart, patients' own labels, cleaning of text."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, counted

NO_VALUE = ("nan", "na", "n/a", "null", "none")


def set_repeats_apart(cells: pl.DataFrame) -> pl.DataFrame:
    """Keep one row of each id, a usable one before an excluded one; exclude the others under their paths as ids.

    Two files of one name (``UID_1_1_1_all.bmp`` and ``UID_1_1_1_all.png``, or one cell in two folds) are one cell twice
    or a mistake; neither may stand on two sides of a split.

    Args:
        cells: Columns ``id``, ``path``, ``excluded``, all text, and any others.

    Returns:
        The rows in their order, with unique ids.
    """
    numbered = cells.with_row_index("row").sort(pl.col("excluded").is_not_null(), "row")
    first = pl.col("id").is_first_distinct()
    kept = pl.col("path").first().over("id")
    reason = pl.concat_str(pl.lit("a second file of the cell '"), "id", pl.lit("', beside "), kept)
    apart = numbered.with_columns(
        id=pl.when(first).then("id").otherwise("path"),
        excluded=pl.when(first).then("excluded").otherwise(pl.coalesce("excluded", reason)),
    )
    return apart.sort("row").drop("row")


def own_labels(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the label that all usable, labelled cells of a patient share: columns ``patient``, ``label``.

    A patient whose cells are of several classes, or of none, gets null.
    """
    usable = cells.filter(pl.col("excluded").is_null() & pl.col("patient").is_not_null())
    grouped = usable.group_by("patient", maintain_order=True).agg(labels=pl.col("label").drop_nulls().unique())
    one = pl.when(pl.col("labels").list.len() == 1).then(pl.col("labels").list.first())
    return grouped.select("patient", label=one)


def mixed_patients(cells: pl.DataFrame) -> list[str]:
    """Return the patients whose usable cells are of more than one class, sorted."""
    usable = cells.filter(pl.col("excluded").is_null() & pl.col("patient").is_not_null())
    counts = usable.group_by("patient").agg(classes=pl.col("label").drop_nulls().n_unique())
    return counts.filter(pl.col("classes") > 1)["patient"].sort().to_list()


def mixed_note(patients: list[str]) -> list[str]:
    """Return the note on patients whose cells are of more than one class; none where there are none."""
    if not patients:
        return []
    return [f"Cells of more than one class: {counted(len(patients), 'patient')} ({listed(patients)})."]


def with_plain_header(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table without white space around its column names, unless two would then be alike."""
    plain = [name.strip() for name in table.columns]
    return table.rename(dict(zip(table.columns, plain, strict=True))) if len(set(plain)) == len(plain) else table


def require_columns(table: pl.DataFrame, columns: tuple[str, ...], what: str, path: Path) -> None:
    """Refuse a table that lacks a column.

    Raises:
        DataError: a column is missing; all that are missing are named.
    """
    missing = [repr(column) for column in columns if column not in table.columns]
    if missing:
        raise DataError(
            f"The {what} lacks the column {' and '.join(missing)}; its columns: {', '.join(table.columns)}.",
            where=str(path),
            do=f"It must have: {', '.join(columns)}.",
        )


def trimmed(column: str) -> pl.Expr:
    """Return a column as text without white space around it; null where nothing is left."""
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias(column)


def stated(column: str) -> pl.Expr:
    """Return a column as trimmed text; null also where it says NaN, NA, null or none."""
    text = trimmed(column)
    return pl.when(~text.str.to_lowercase().is_in(NO_VALUE)).then(text).alias(column)


def as_numbers(table: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Turn text columns into numbers or booleans where every stated value is one; ``007`` stays text.

    Args:
        table: Any table.
        columns: The columns that may be turned; those that are not text are left alone.
    """
    texts = [column for column in columns if table.schema[column] == pl.String]
    return table.with_columns(_as_number(table[column]) for column in texts)


def _as_number(values: pl.Series) -> pl.Series:
    said = values.to_frame().select(stated(values.name)).to_series()
    if said.null_count() == said.len() or said.str.contains(r"^[+-]?0\d").any():
        return values
    if said.drop_nulls().is_in(["true", "false"]).all():
        return said == "true"
    for kind in (pl.Int64, pl.Float64):
        turned = said.cast(kind, strict=False)
        if turned.null_count() == said.null_count():
            return turned
    return values
