"""What a bundle says of another cohort: predicted as a stream, with the linked groups that intervals need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.under_classes import UNMAPPED
from leukoscope.errors import DataError, counted
from leukoscope.files import read_table, remove, write_table
from leukoscope.inference import predict_to_file
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.flags import DISTANCE, FLAG
from leukoscope.inference.table_files import beside
from leukoscope.predictions.table import Predictions
from leukoscope.reports.validation_folder import ValidationFolder

SAID = "said.parquet"


@dataclass(frozen=True)
class Answers:
    """What a bundle said of a cohort.

    Args:
        predictions: A row each cell, or patient, that has a prediction, with its linked ``group``.
        flags: Cells that were held beside the training cells: ``id``, ``patient``, ``group``, ``label``, ``path``,
            ``distance``, ``out_of_distribution``; None where the bundle cannot tell.
        warnings: What whoever uses the predictions must know, a sentence each.
        notes: What was passed over, a sentence each.
    """

    predictions: Predictions
    flags: pl.DataFrame | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def answers_of(
    bundle: AnyBundle, cohort: Cohort, groups: LinkedGroups, folder: ValidationFolder, *, facts: Facts, batch: int
) -> Answers:
    """Let a bundle predict a cohort; write ``predictions.parquet`` and ``left_out.csv``.

    Args:
        bundle: The bundle.
        cohort: The cohort under the bundle's classes, unreadable and contradictory cells excluded.
        groups: Its linked groups.
        folder: Where to.
        facts: The patients' facts, as of ``predict_patients``.
        batch: Pictures at a time.

    Raises:
        DataError: nothing that has a label can be predicted.
    """
    of_patients, said = bundle.card.task == "patients", folder.path / SAID
    # Cells of classes that the bundle does not know are counted in a note, and nothing that failed.
    asked = cohort.select(cohort.cells.filter(pl.col("excluded").ne_missing(UNMAPPED))["id"])
    summary = predict_to_file(bundle, asked, said, facts=facts, batch=batch)
    table = _grouped(read_table(said), cohort, groups, of_patients=of_patients)
    wrong = table.filter(pl.col("problem").is_not_null())
    right = table.filter(pl.col("problem").is_null()).drop("problem")
    _refuse_none(right, wrong, bundle.card.task.removesuffix("s"))
    predictions = Predictions(right, bundle.classes, "patient" if of_patients else "cell")
    flags = _cells_of(said, cohort, groups) if of_patients else right
    predictions.save(folder.predictions)
    write_table(folder.left_out, wrong.select("id", "patient", "problem"))
    for path in (said, beside(said, "patients"), beside(said, "cells")):
        remove(path)
    known = FLAG in flags.columns
    columns = ("id", "patient", "group", "label", "path", DISTANCE, FLAG)
    kept = flags.filter(pl.col("label").is_not_null() & pl.col(FLAG).is_not_null()).select(columns) if known else None
    return Answers(predictions, kept, summary.warnings, summary.notes)


def _grouped(said: pl.DataFrame, cohort: Cohort, groups: LinkedGroups, *, of_patients: bool) -> pl.DataFrame:
    """Return predictions with their linked group and, of cells, what is known of their patient apart from them."""
    if of_patients:
        return said.join(_groups_of_patients(cohort, groups), on="patient", how="left", maintain_order="left")
    own = cohort.patients.select("patient", patient_label="label")
    table = said.join(groups.table.select("id", "group"), on="id", how="left", maintain_order="left")
    return table.join(own, on="patient", how="left", maintain_order="left")


def _groups_of_patients(cohort: Cohort, groups: LinkedGroups) -> pl.DataFrame:
    known = cohort.cells.select("id", "patient").drop_nulls().join(groups.table.select("id", "group"), on="id")
    return known.select("patient", "group").unique("patient", maintain_order=True)


def _cells_of(said: Path, cohort: Cohort, groups: LinkedGroups) -> pl.DataFrame:
    """Return the cells of patients, each with its patient's label and group."""
    cells = read_table(beside(said, "cells")).rename({"patient": "of"})
    known = cohort.cells.select("id", "path", "patient").drop_nulls("patient")
    cells = cells.join(known, left_on=["of", "path"], right_on=["patient", "path"], how="inner", maintain_order="left")
    labels = cohort.patients.select(of="patient", label="label")
    cells = cells.drop("label", "group", strict=False).join(labels, on="of", how="left", maintain_order="left")
    in_groups = _groups_of_patients(cohort, groups).rename({"patient": "of"})
    return cells.join(in_groups, on="of", how="left", maintain_order="left").rename({"of": "patient"})


def _refuse_none(right: pl.DataFrame, wrong: pl.DataFrame, unit: str) -> None:
    if right["label"].drop_nulls().len():
        return
    first = wrong.filter(pl.col("label").is_not_null()).head(1)
    why = f" {first['problem'][0]}" if first.height else ""
    raise DataError(
        f"None of the {counted(wrong.height, unit)} that have a label can be predicted.{why}",
        where=f"{unit} {first['id'][0]}" if first.height else None,
    )
