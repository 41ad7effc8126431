"""The cohort: a table of cells, a table of patients, and the classes. No pixels, no splits."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError

CELL_COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "path": pl.String(),
    "label": pl.String(),
    "patient": pl.String(),
    "source": pl.String(),
    "place": pl.String(),
    "excluded": pl.String(),
}
PATIENT_COLUMNS: dict[str, pl.DataType] = {"patient": pl.String(), "label": pl.String()}
PATIENT_LINK_COLUMNS: dict[str, pl.DataType] = {
    "patient_a": pl.String(),
    "patient_b": pl.String(),
    "pictures": pl.Int64(),
    "kind": pl.String(),
    "reason": pl.String(),
}
NAMED_IN_ERRORS = 5


@dataclass(frozen=True)
class Cohort:
    """Cells and the patients they come from.

    Args:
        name: Short name of the data set, ``"cnmc"``.
        root: The folder that the ``path`` column is relative to.
        cells: One row a picture. Required columns, all text: ``id`` (unique, never null), ``path`` (relative to
            ``root``, with ``/``), ``label`` (a class name; null where unknown), ``patient`` (null where unknown),
            ``source`` (the data set a cell came from), ``place`` (its part of the data set as published:
            ``fold_0``, ``trainset``; null where there is none), ``excluded`` (why a cell must not be used; null for a
            usable one; the row stays). Missing ones of these but ``id`` and ``path`` are added as null; further columns
            are kept as they are.
        patients: One row a patient: ``patient`` (unique), ``label`` (the patient's own, null where there is none or it
            is unknown) and any facts (``age``, ``sex``, ``lymphocyte_count``).
            Patients who stand only in ``cells`` are added.
        classes: The classes; a label that is not among them is an error.
        notes: What the reader guessed or noticed, a sentence each.
        reader: The reader it was read by; what is known of the data set is looked up by it. None where it was made
            by hand.
        tables: Marks on pictures, by name; each table has the column ``id`` of ``cells``. In use: ``boxes`` (``id``,
            ``label``, ``left``, ``top``, ``right``, ``bottom``) and ``centroids`` (``id``, ``x``, ``y``), in pixels.
            Masks are a column of ``cells``, ``mask``: a path relative to ``root``.
        patient_links: Patients who are known to belong together: ``patient_a``, ``patient_b``, ``pictures`` (how many
            pictures tie them), ``kind`` (``exact bytes``, ``near``, ``declared``), ``reason``. They may name patients
            who are not in the cohort: a chain may pass through one.

    Raises:
        DataError: a required column is missing, an id or a patient stands twice, a label is no class, a table of marks
            names a picture that is not there.
    """

    name: str
    root: Path
    cells: pl.DataFrame
    patients: pl.DataFrame
    classes: Classes
    notes: tuple[str, ...] = field(default=())
    reader: str | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    patient_links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PATIENT_LINK_COLUMNS))

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root))
        object.__setattr__(self, "cells", _with_columns(self.cells, CELL_COLUMNS, ("id", "path"), "cells"))
        patients = _with_columns(self.patients, PATIENT_COLUMNS, ("patient",), "patients")
        _refuse_repeats(self.cells["id"], "The same id stands on more than one cell.")
        _refuse_repeats(patients["patient"], "The same patient stands on more than one row of the patients' table.")
        _refuse_unknown_labels(self.cells, "id", self.classes)
        _refuse_unknown_labels(patients, "patient", self.classes)
        missing = self.cells.select("patient").drop_nulls().unique(maintain_order=True)
        missing = missing.join(patients, on="patient", how="anti")
        object.__setattr__(self, "patients", pl.concat([patients, missing], how="diagonal"))
        object.__setattr__(self, "tables", dict(self.tables))
        for name, table in self.tables.items():
            _refuse_strangers(name, table, self.cells)
        links = _with_columns(self.patient_links, PATIENT_LINK_COLUMNS, ("patient_a", "patient_b"), "patient links")
        object.__setattr__(self, "patient_links", links)

    @classmethod
    def from_cells(
        cls,
        name: str,
        root: Path,
        cells: pl.DataFrame,
        classes: Classes,
        *,
        patients: pl.DataFrame | None = None,
        notes: Iterable[str] = (),
    ) -> Cohort:
        """Make a cohort whose patients need no table of their own."""
        empty = pl.DataFrame(schema=PATIENT_COLUMNS)
        return cls(name, root, cells, empty if patients is None else patients, classes, tuple(notes))

    @property
    def usable(self) -> pl.DataFrame:
        """The cells that are not excluded."""
        return self.cells.filter(pl.col("excluded").is_null())

    @property
    def labelled(self) -> pl.DataFrame:
        """The usable cells whose class is known."""
        return self.usable.filter(pl.col("label").is_not_null())

    @property
    def patients_known(self) -> bool:
        """Whether every cell that has a label (every usable one where none has) names its patient."""
        cells = self.labelled if self.labelled.height else self.usable
        return cells.height > 0 and cells["patient"].null_count() == 0

    def file(self, path: str) -> Path:
        """Return the full path of a value of the ``path`` column."""
        return self.root / path

    def select(self, ids: pl.Series | Iterable[str]) -> Cohort:
        """Return the cohort with only these cells (in the cohort's order) and their patients."""
        wanted = pl.Series("id", ids, dtype=pl.String)
        cells = self.cells.filter(pl.col("id").is_in(wanted.implode()))
        kept = cells["patient"].drop_nulls().unique()
        patients = self.patients.filter(pl.col("patient").is_in(kept.implode()))
        tables = {name: table.join(cells, on="id", how="semi") for name, table in self.tables.items()}
        return replace(self, cells=cells, patients=patients, tables=tables)

    def exclude(self, reasons: pl.DataFrame) -> Cohort:
        """Return the cohort with further cells excluded; an earlier reason stays.

        Args:
            reasons: Columns ``id`` and ``reason``, both text.
        """
        added = reasons.select("id", pl.col("reason").cast(pl.String)).unique("id", keep="first")
        cells = self.cells.join(added, on="id", how="left", maintain_order="left")
        cells = cells.with_columns(pl.coalesce("excluded", "reason").alias("excluded")).drop("reason")
        return replace(self, cells=cells)

    def counts(self) -> pl.DataFrame:
        """Return cells and patients of each class: columns ``label``, ``cells``, ``patients`` (0 if none are known)."""
        order = pl.DataFrame({"label": list(self.classes.names)})
        counted = self.labelled.group_by("label").agg(
            cells=pl.len(), patients=pl.col("patient").drop_nulls().n_unique()
        )
        return order.join(counted, on="label", how="left", maintain_order="left").fill_null(0)

    def __repr__(self) -> str:
        patients = self.usable["patient"].drop_nulls().n_unique()
        people = f"{patients:,} patients" if self.patients_known else "patients unknown"
        lines = [f"Cohort {self.name!r}: {self.usable.height:,} cells, {people}"]
        if self.labelled.height:
            lines += [
                f"  {self.classes.title(label)}: {cells:,} cells" for label, cells, _ in self.counts().iter_rows()
            ]
        elif self.patients["label"].drop_nulls().len():
            own = dict(self.patients["label"].drop_nulls().value_counts().iter_rows())
            lines += [f"  {self.classes.title(name)}: {own.get(name, 0):,} patients" for name in self.classes.names]
        unlabelled = self.usable.height - self.labelled.height
        lines += [f"  without a label of their own: {unlabelled:,}"] if unlabelled else []
        excluded = self.cells.height - self.usable.height
        lines += [f"  excluded: {excluded:,}"] if excluded else []
        lines += [f"  {name}: {table.height:,}" for name, table in self.tables.items()]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        items = "".join(f"<li>{html.escape(line.strip())}</li>" for line in rest)
        return f"<b>{html.escape(head)}</b><ul>{items}</ul>"


def _with_columns(
    table: pl.DataFrame, columns: dict[str, pl.DataType], required: tuple[str, ...], name: str
) -> pl.DataFrame:
    missing = [column for column in required if column not in table.columns]
    if missing:
        found = ", ".join(table.columns) or "none"
        wanted = " and ".join(map(repr, missing))
        raise DataError(f"The {name} table lacks the column {wanted}; its columns: {found}.")
    typed = [
        (pl.col(column) if column in table.columns else pl.lit(None)).cast(dtype).alias(column)
        for column, dtype in columns.items()
    ]
    others = [column for column in table.columns if column not in columns]
    ordered = table.select(*typed, *others)
    nulls = [column for column in required if ordered[column].null_count()]
    if nulls:
        raise DataError(f"The {name} table has {ordered[nulls[0]].null_count()} rows without {nulls[0]!r}.")
    return ordered


def _refuse_repeats(values: pl.Series, what: str) -> None:
    repeated = values.filter(values.is_duplicated()).unique(maintain_order=True).to_list()
    if repeated:
        shown = ", ".join(repeated[:NAMED_IN_ERRORS])
        raise DataError(what, where=shown, more=max(len(repeated) - NAMED_IN_ERRORS, 0), do="Make them different.")


def _refuse_strangers(name: str, table: pl.DataFrame, cells: pl.DataFrame) -> None:
    if "id" not in table.columns:
        raise DataError(f"The table {name!r} lacks the column 'id'; its columns: {', '.join(table.columns) or 'none'}.")
    strangers = table.join(cells, on="id", how="anti")["id"]
    if strangers.len():
        what = f"The table {name!r} names a picture that is not in the cells table."
        raise DataError(what, where=f"id {strangers[0]}", more=strangers.n_unique() - 1)


def _refuse_unknown_labels(table: pl.DataFrame, key: str, classes: Classes) -> None:
    wrong = table.filter(pl.col("label").is_not_null() & ~pl.col("label").is_in(list(classes.names)))
    if wrong.height:
        first = wrong.row(0, named=True)
        raise DataError(
            f"The label {first['label']!r} is none of the classes {', '.join(classes.names)}.",
            where=f"{key} {first[key]}",
            more=wrong.height - 1,
        )
