"""What the run folder says of the preparation: the recipe as resolved, the cohort, the split, the audit."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.storage import save_cohort
from leukoscope.files import write_json, write_table, write_text
from leukoscope.recipes.loading import save_recipe
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared


def write_preparation(folder: RunFolder, prepared: Prepared) -> None:
    """Write everything that is known before training."""
    cohort, split = prepared.intake.cohort, prepared.split
    write_text(folder.recipe, save_recipe(prepared.recipe))
    save_cohort(cohort, folder.cohort)
    write_table(folder.pictures, prepared.intake.pictures)
    write_split(folder, split)
    write_json(folder.audit, prepared.audit.as_json())
    folder.update(
        leakage=split.leakage,
        data={
            "cells": cohort.usable.height,
            "patients": cohort.usable["patient"].drop_nulls().n_unique() if cohort.patients_known else None,
            "excluded": cohort.cells.height - cohort.usable.height,
            "notes": [*cohort.notes, *prepared.intake.notes],
        },
        split={"statement": split.statement, "counts": part_counts(prepared)},
    )


def write_split(folder: RunFolder, split: Split) -> None:
    """Write the split's table, then what the record says of it, so that a run that was stopped finds both."""
    split.save(folder.split)
    kept = {"kind": split.kind, "by": split.by, "seed": split.seed, "leakage": split.leakage}
    folder.update(split={**kept, "warnings": list(split.warnings)})


def part_counts(prepared: Prepared) -> dict[str, dict[str, Any]]:
    """Return cells, patients (None where unknown), linked groups and cells of each class, by part."""
    cells = prepared.split.table.join(prepared.intake.cohort.cells.select("id", "label", "patient"), on="id")
    counted = cells.group_by("part").agg(
        cells=pl.len(), patients=pl.col("patient").drop_nulls().n_unique(), groups=pl.col("group").n_unique()
    )
    classes = cells.group_by("part", "label").len().sort("label")
    return {
        part: {
            "cells": count,
            "patients": patients or None,
            "groups": groups,
            "classes": dict(classes.filter(part=part).select("label", "len").iter_rows()),
        }
        for part, count, patients, groups in counted.sort("part").iter_rows()
    }
