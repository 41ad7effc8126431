"""A split from a file: a table that says the part of each cell, or of each patient; or several such splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.eligible import eligible, kept_together, with_validation
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.errors import DataError, SettingsError, counted, nearest
from leukoscope.files import read_table

ROW = "row"
FIRST_ROW = 2
LAST_STEP = r"^.*[/\\]"
ENDING = r"\.[^.]*$"


def from_file(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    path: Path | str,
    fold: int = 0,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int = 0,
) -> Split:
    """Divide the cells as a table says.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: What a drawn validation part keeps together: ``patient`` or ``cell``.
        path: A csv or parquet file with the columns ``part`` (train, validation, test) and ``id`` or, instead,
            ``patient``. An id that the cohort does not have is taken as a file name and matched by its stem. Cells
            that the table does not name are in no part, nor are excluded ones and those without label. A table of
            several splits numbers them in the column ``split``, from 0.
        fold: Which split of a table of several, from 0.
        validation: Share of the training cells for validation, drawn in whole groups, where the file has none.
        stratify: A fact that this draw shares each class out by too, as in ``holdout``.
        seed: The seed of that draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        DataError: the file is missing, lacks a column, or has rows with no part, an unknown part, an unknown cell or
            patient, or one that stands twice in a split.
        SettingsError: the file has no such split.
    """
    file = _File.of(Path(path))
    return file.split(cohort, groups, fold, by=by, validation=validation, stratify=stratify, seed=seed)


def every_of_file(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    path: Path | str,
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int = 0,
) -> Iterator[Split]:
    """Yield every split of a file; the arguments are those of ``from_file``."""
    file = _File.of(Path(path))
    for number in file.numbers:
        yield file.split(cohort, groups, number, by=by, validation=validation, stratify=stratify, seed=seed)


@dataclass(frozen=True)
class _File:
    """A table as it was read: ``rows`` are text and numbered as in the file; ``key`` names cells or patients."""

    path: Path
    rows: pl.DataFrame
    key: str
    numbers: list[int]
    several: bool

    @classmethod
    def of(cls, path: Path) -> _File:
        table = read_table(path, text=True)
        key = next((name for name in ("id", "patient") if name in table.columns), None)
        if key is None or "part" not in table.columns:
            found = ", ".join(table.columns) or "none"
            raise DataError(
                f"A split needs the columns id (or patient) and part; the file's columns: {found}.", where=str(path)
            )
        several = "split" in table.columns
        number = pl.col("split").cast(pl.String).str.strip_chars() if several else pl.lit("0")
        texts = (pl.col(key, "part").cast(pl.String).str.strip_chars(), number.alias("split"))
        rows = table.select(*texts).with_row_index(ROW, offset=FIRST_ROW)
        _refuse_faults(rows, key, path)
        rows = rows.with_columns(pl.col("split").cast(pl.Int64))
        return cls(path, rows, key, rows["split"].unique().sort().to_list(), several)

    def split(
        self,
        cohort: Cohort,
        groups: LinkedGroups,
        fold: int,
        *,
        by: str,
        validation: float,
        stratify: str | None,
        seed: int,
    ) -> Split:
        """Return the split of one number."""
        by = kept_together(cohort, by)
        parts = self._parts(cohort, fold)
        column = self.key
        cells = eligible(cohort, groups, by, stratify).join(parts, on=column, how="inner").sort("id")
        warnings = _left_out(cohort, parts, column)
        cells, drawn = with_validation(cells, cohort, validation=validation, seed=seed)
        table = cells.select("id", "group", "part")
        number, of = (self.numbers.index(fold), len(self.numbers)) if self.several else (None, None)
        return Split(table, "file", by, drawn, warnings=warnings, number=number, of=of)

    def _parts(self, cohort: Cohort, fold: int) -> pl.DataFrame:
        """Return the part of each cell (``id``) or ``patient`` in the split of one number."""
        if fold not in self.numbers and (self.several or fold):
            known = ", ".join(map(str, self.numbers))
            raise SettingsError(f"The file has no split {fold}; it has: {known}.", where=f"{self.path}, split.fold")
        rows, path, noun = self.rows.filter(pl.col("split") == fold).drop("split"), self.path, _noun(self.key)
        named = _by_id(rows, cohort, path) if self.key == "id" else rows.rename({"patient": "name"})
        unknown = named.join(cohort.cells.select(name=pl.col(self.key)), on="name", how="anti").sort(ROW)
        _refuse(unknown, path, f"The split names a {noun} that the data set does not have", "name")
        twice = named.filter(pl.col("name").is_duplicated() & ~pl.col("name").is_first_distinct()).sort(ROW)
        _refuse(twice, path, f"The split names a {noun} twice", "name")
        return named.select(pl.col("name").alias(self.key), "part")


def _noun(key: str) -> str:
    return "cell" if key == "id" else key


def _refuse_faults(rows: pl.DataFrame, key: str, path: Path) -> None:
    for column in (key, "part", "split"):
        _refuse(rows.filter(pl.col(column).fill_null("") == ""), path, f"The {column} is missing")
    wrong = rows.filter(~pl.col("part").is_in(PARTS))
    if wrong.height:
        _refuse(wrong, path, "There is no such part", "part", do=nearest(wrong["part"][0], PARTS))
    wrong = rows.filter(~pl.col("split").str.contains(r"^\d{1,9}$"))
    _refuse(wrong, path, "The split's number is no whole number", "split")


def _by_id(rows: pl.DataFrame, cohort: Cohort, path: Path) -> pl.DataFrame:
    """Return the rows with the cohort's id as ``name``: the id itself, or that of the file with this stem."""
    ids = cohort.cells.select("id", found="id")
    rows = rows.join(ids, on="id", how="left", maintain_order="left")
    stems = cohort.cells.select(of_stem="id", stem=_stem("path"))
    stems = stems.filter(
        pl.col("stem").is_in(rows.filter(pl.col("found").is_null()).select(_stem("id"))["id"].implode())
    )
    ambiguous = stems.filter(pl.col("stem").is_duplicated())
    several = rows.filter(pl.col("found").is_null()).join(ambiguous, left_on=_stem("id"), right_on="stem", how="semi")
    _refuse(several, path, "More than one picture has this name", "id", do="Name the cells by their ids.")
    rows = rows.join(stems, left_on=_stem("id"), right_on="stem", how="left", maintain_order="left")
    return rows.select("part", ROW, name=pl.coalesce("found", "of_stem", "id"))


def _stem(column: str) -> pl.Expr:
    return pl.col(column).str.replace(LAST_STEP, "").str.replace(ENDING, "")


def _refuse(rows: pl.DataFrame, path: Path, what: str, column: str | None = None, *, do: str | None = None) -> None:
    """Raise if there are any rows, naming the first of them by a column."""
    if rows.height:
        first = rows.row(0, named=True)
        named = "" if column is None else f": {first[column]}"
        raise DataError(f"{what}{named}.", where=f"{path}, row {first[ROW]}", more=rows.height - 1, do=do)


def _left_out(cohort: Cohort, parts: pl.DataFrame, column: str) -> tuple[str, ...]:
    usable = known_labels(cohort)
    named = cohort.cells.join(parts, on=column, how="semi")
    without = usable.join(parts, on=column, how="anti").height
    unusable = named.join(usable, on="id", how="anti").height
    said = []
    if without:
        said.append(f"{counted(without, 'cell')} of the data set left out: the split's file does not name them.")
    if unusable:
        said.append(f"{counted(unusable, 'cell')} of the split's file left out: excluded, or of no known class.")
    return tuple(said)
