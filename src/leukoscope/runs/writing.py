"""What the run folder says of the preparation: the recipe as resolved, the cohort, the split, the audit."""

from __future__ import annotations

from leukoscope.cohort.cohort import Cohort
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
    write_split(folder, split, cohort)
    write_json(folder.audit, prepared.audit.as_json())
    folder.update(
        leakage=split.mark,
        data={
            "cells": cohort.usable.height,
            "patients": cohort.usable["patient"].drop_nulls().n_unique() if cohort.patients_known else None,
            "excluded": cohort.cells.height - cohort.usable.height,
            "notes": [*cohort.notes, *prepared.intake.notes],
        },
    )


def write_split(folder: RunFolder, split: Split, cohort: Cohort) -> None:
    """Write the split's table, then what the record says of it, so that a run that was stopped finds both."""
    split.save(folder.split)
    folder.update(split=split.as_json(cohort))
