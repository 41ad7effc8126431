"""The order of files and of rows: where a picture stands among the others, as a number from 0 to 1."""

from __future__ import annotations

import re

import polars as pl

from leukoscope.cohort.cohort import Cohort

DIGITS = 15  # that a number in a name is padded to, so that 2 sorts before 10
FINER = 2  # words that name the class are at most so many a class (finer types)
MOSTLY = 2 / 3


def file_order(cells: pl.DataFrame) -> pl.Series:
    """Return where each picture stands among those of its source by the names of folders and files, (n,) 0 to 1.

    Numbers sort as numbers. What says the class on purpose is left out: a level of folders that names it
    (``fold_0/all``), and file names whose letters do (``UID_H10_1_2_hem``, ``BNE_191112``). Null where the names of a
    source leave nothing to sort by.

    Args:
        cells: ``path``, ``label``, ``source``; n rows.
    """
    parts = pl.col("path").str.to_lowercase().str.split("/")
    table = cells.select("source", "label", levels=parts.list.head(parts.list.len() - 1), name=parts.list.last())
    depth = table.select(pl.col("levels").list.len().max()).item() or 0
    levels = [table["levels"].list.get(number, null_on_oob=True).fill_null("") for number in range(depth)]
    keys = [_natural(level) for level in levels if not _names_class(level, table["label"])]
    if not _names_class(table["name"].str.replace_all(r"\d+", "0"), table["label"]):
        keys.append(_natural(table["name"]))
    key = pl.concat_str(keys, separator="/") if keys else pl.lit(None, pl.String)
    return _scaled(table.select("source", key.rank("dense").alias("value")))


def row_order(cells: pl.DataFrame, cohort: Cohort) -> pl.Series:
    """Return where each cell stands in the table it was read from, (n,) 0 to 1; null where rows are sorted by name.

    Args:
        cells: ``id``, ``source``; n rows.
        cohort: The cohort, in the order of its table.
    """
    rows = cohort.cells.select("id", "path", "source").with_row_index("row")
    sorted_by = [(pl.col(name) == pl.col(name).sort()).all() for name in ("path", "id")]
    named = rows.group_by("source").agg(named=pl.any_horizontal(sorted_by))
    rows = rows.join(named, on="source", how="left", nulls_equal=True)
    rows = rows.select("id", value=pl.when(~pl.col("named")).then("row"))
    return _scaled(cells.select("id", "source").join(rows, on="id", how="left", maintain_order="left"))


def _names_class(words: pl.Series, labels: pl.Series) -> bool:
    """Whether most cells stand under a word that only cells of their class have, few words being enough."""
    table = pl.DataFrame({"word": words, "label": labels}).drop_nulls("label")
    each = table.group_by("word").agg(cells=pl.len(), labels=pl.col("label").n_unique(), label=pl.col("label").first())
    telling = each.filter((pl.col("labels") == 1) & (pl.col("cells") > 1))
    few = telling.height <= FINER * table["label"].n_unique()
    return few and telling["label"].n_unique() > 1 and telling["cells"].sum() > MOSTLY * table.height


def _natural(names: pl.Series) -> pl.Series:
    """Pad the numbers in names, so that they sort as people count."""
    unique = names.unique().sort()
    padded = [re.sub(r"\d+", lambda found: found.group().zfill(DIGITS), name) for name in unique]
    return names.replace_strict(unique, padded, return_dtype=pl.String)


def _scaled(table: pl.DataFrame) -> pl.Series:
    """Return the rank of ``value`` within its ``source``, 0 to 1; null where all are alike."""
    rank = (pl.col("value").rank("average") - 0.5) / pl.col("value").count()
    several = pl.col("value").n_unique() > 1
    return table.select(value=pl.when(several.over("source")).then(rank.over("source")))["value"]
