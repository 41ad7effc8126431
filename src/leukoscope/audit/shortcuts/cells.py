"""The global statistics of cells: what a file and a whole picture tell, and nothing of what is on it."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.audit.shortcuts.declared import usable
from leukoscope.audit.shortcuts.order import file_order, row_order
from leukoscope.audit.shortcuts.sampling import sampled
from leukoscope.audit.shortcuts.statistic import Statistic
from leukoscope.cohort.cohort import Cohort
from leukoscope.facts.circumstances import is_circumstance

CELL_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "file size for what it shows",
        "technical",
        ("surplus",),
        "the size of the file, beyond what it shows",
        seen=False,
    ),
    Statistic("file format", "technical", ("form",), "the format of the file"),
    Statistic("JPEG quality", "technical", ("jpeg_quality",), "the quality it was compressed with"),
    Statistic("picture size", "technical", ("width", "height"), "the size of the picture"),
    Statistic("file order", "technical", ("file_order",), "the order of the files' names", seen=False),
    Statistic("row order", "technical", ("row_order",), "the row in the table", seen=False),
    Statistic(
        "pictures of the patient", "technical", ("pictures",), "the number of the patient's pictures", seen=False
    ),
    Statistic("brightness", "colour", ("brightness",), "the brightness"),
    Statistic(
        "brightness within the patient",
        "colour",
        ("brighter",),
        "the brightness beside the patient's others",
        seen=False,
    ),
    Statistic("mean colour", "colour", ("mean_red", "mean_green", "mean_blue"), "the mean colour"),
    Statistic("size of the cell", "cell", ("cell_size",), "the size of the cell (its pixels that are not black)"),
    Statistic("brightness of the background", "colour", ("background_brightness",), "the brightness of the background"),
    Statistic(
        "brightness of the background within the patient",
        "colour",
        ("background_brighter",),
        "the brightness of the background beside the patient's others",
        seen=False,
    ),
    Statistic(
        "colour of the background",
        "colour",
        ("background_red", "background_green", "background_blue"),
        "the colour of the background",
    ),
    Statistic("brightness of the field", "cell", ("field_brightness",), "the brightness of the whole field"),
    Statistic(
        "colour of the field", "cell", ("field_red", "field_green", "field_blue"), "the mean colour of the whole field"
    ),
    Statistic("background share", "cell", ("light_share",), "the share of background"),
    Statistic("contrast", "cell", ("contrast",), "the contrast"),
    Statistic("file size", "cell", ("kilobytes",), "the size of the file", seen=False),
)
"""The statistics of cells; the columns are those of ``cell_table``."""
DECLARED = "declared: "
MEANS = ("mean_red", "mean_green", "mean_blue")
BEHIND = ("background_red", "background_green", "background_blue")
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
CONTENT = ("area", "shown", "brightness", "contrast", *MEANS)


def cell_table(cells: pl.DataFrame, cohort: Cohort, *, most: int | None = None) -> pl.DataFrame:
    """Return the statistics of cells.

    Args:
        cells: One row a cell: the cohort's columns, those of the pictures table, and ``group``.
        cohort: The cohort, for the order of its rows and the number of each patient's pictures.
        most: At most so many rows, drawn by their ids; None for all.

    Returns:
        ``id``, ``patient``, ``group``, ``label``, the columns of ``CELL_STATISTICS`` and, each under ``declared:``
        and its name, the circumstances that the cohort's own table declares; sorted by id. What cannot be known of a
        cell is null.
    """
    table = cells.sort("id") if most is None else sampled(cells, most)
    # Pictures that an older version looked at have no background told.
    table = table.with_columns(pl.lit(None, pl.Float64).alias(name) for name in BEHIND if name not in table.columns)
    number = cohort.usable.drop_nulls("patient").group_by("patient").agg(pictures=pl.len().cast(pl.Float64))
    table = table.join(number, on="patient", how="left", maintain_order="left")
    black = pl.lit(table["black_background"].mean() or 0) > 0.5  # noqa: PLR2004 - as most pictures have it
    table = table.with_columns(
        file_order(table).alias("file_order"),
        row_order(table, cohort).alias("row_order"),
        form=pl.format("{} {}", "format", "mode"),
        kilobytes=pl.col("bytes") / 1024,
        area=(pl.col("width") * pl.col("height")).cast(pl.Float64),
        shown=pl.when(black)
        .then("not_black")
        .otherwise((1 - pl.col("background_share")) * pl.col("width") * pl.col("height")),
        cell_size=pl.when(black).then(pl.col("not_black").cast(pl.Float64)),
        light_share=pl.when(~black).then("background_share"),
    )
    table = table.with_columns(surplus=_surplus(table))
    table = table.with_columns(*_colours(black)).with_columns(
        _beside_others("brightness").alias("brighter"),
        _beside_others("background_brightness").alias("background_brighter"),
    )
    declared = [made for name in cohort.cells.columns if (made := _circumstance(table, name)) is not None]
    columns = dict.fromkeys(column for statistic in CELL_STATISTICS for column in statistic.columns)
    return table.select("id", "patient", "group", "label", *columns, *declared)


def cell_statistics(table: pl.DataFrame) -> tuple[Statistic, ...]:
    """Return what can be tried on cells: ``CELL_STATISTICS``, and each declared circumstance (``site``, ``date``).

    Args:
        table: As ``cell_table`` returns it.
    """
    declared = [name.removeprefix(DECLARED) for name in table.columns if name.startswith(DECLARED)]
    said = {name: name.replace("_", " ") for name in declared}
    further = (
        Statistic(said[name], "technical", (DECLARED + name,), f"the {said[name]}", seen=False) for name in declared
    )
    return (*CELL_STATISTICS, *further)


def _colours(black: pl.Expr) -> list[pl.Expr]:
    """Return what stain and light are told by, as the background is.

    On black it is the cell's own colour, there being no other. In a field it is the background's: the whole field is
    the darker the more of it the cell covers, and that is biology.
    """
    cell = [pl.when(black).then(name).alias(name) for name in ("brightness", *MEANS)]
    fields = [pl.when(~black).then(name).alias(name.replace("mean", "field")) for name in MEANS]
    behind = [pl.when(~black).then(name).alias(name) for name in BEHIND]
    grey = pl.sum_horizontal(weight * pl.col(name) for weight, name in zip(GREY, BEHIND, strict=True))
    known = pl.when(~black & pl.col(BEHIND[0]).is_not_null())
    return [
        *cell,
        *fields,
        *behind,
        pl.when(~black).then("brightness").alias("field_brightness"),
        known.then(grey).alias("background_brightness"),
    ]


def _beside_others(name: str) -> pl.Expr:
    """Return a column less its mean over the patient; null where the patient is not known."""
    return pl.when(pl.col("patient").is_not_null()).then(pl.col(name) - pl.col(name).mean().over("patient"))


def _circumstance(table: pl.DataFrame, name: str) -> pl.Series | None:
    made = usable(table[name]) if is_circumstance(name) else None
    return None if made is None else made.alias(DECLARED + name)


def _surplus(table: pl.DataFrame) -> pl.Series:
    """Return by how much a file is larger than its picture's content lets expect, as a logarithm.

    A compressed file is the larger the more there is to see, and that may be biology. What is left after a least
    squares fit of log bytes on the content (areas, their logarithms and squares, brightness, contrast, colour) within
    each format is how it was saved. Labels are not looked at. Null where the content is not known.
    """
    wanted = table.select("bytes", "form", *CONTENT).cast(dict.fromkeys(("bytes", *CONTENT), pl.Float64))
    known = wanted.with_row_index("row").drop_nulls().filter(pl.col("bytes") > 0)
    values = np.full(table.height, np.nan)
    for part in known.partition_by("form"):
        content = part.select(CONTENT).to_numpy()
        logs = np.log(content[:, :2] + 1)
        columns = np.column_stack([content, logs, logs**2, content[:, 2:] ** 2])
        spread = columns.std(axis=0)
        columns = (columns - columns.mean(axis=0))[:, spread > 0] / spread[spread > 0]
        design = np.column_stack([np.ones(part.height), columns])
        size = np.log(part["bytes"].to_numpy())
        fitted, *_ = np.linalg.lstsq(design, size, rcond=1e-8)
        values[part["row"].to_numpy()] = size - design @ fitted
    return pl.Series(values).fill_nan(None)
