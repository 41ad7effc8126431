"""From a trained network to the tables of a run: predictions of a part, scores of the parts, the bundle's card."""

from __future__ import annotations

from typing import Any

import polars as pl
import torch

from leukoscope.cohort.cohort import Cohort
from leukoscope.evaluation import Scores, Threshold
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import probabilities
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.runs.preparation import Prepared
from leukoscope.training.scoring import predict_store


def predictions_of(
    model: CellModel, prepared: Prepared, cohort: Cohort, part: str, device: torch.device, *, run: str
) -> Predictions:
    """Return what a network says of the labelled cells of one part.

    Args:
        model: The trained network.
        prepared: What the run works on.
        cohort: The cohort to take the part from: the development cohort, or, once, the whole one.
        part: ``validation`` or ``test``.
        device: Where to compute.
        run: The run's name, for the column ``run``.
    """
    chosen = prepared.split.part(cohort, part)
    data = prepared.data(chosen)
    logits = predict_store(model, data, cohort.classes, device=device, test_time=prepared.recipe.test_time)
    values = probabilities(torch.from_numpy(logits), cohort.classes).numpy()
    groups = prepared.split.table.select("id", "group")
    table = chosen.labelled.select("id", "patient", "label").join(groups, on="id", maintain_order="left")
    own = chosen.patients.select("patient", patient_label="label")
    table = table.join(own, on="patient", how="left", maintain_order="left")
    columns = {probability_column(name): values[:, index] for index, name in enumerate(cohort.classes.names)}
    if cohort.classes.binary:
        columns["logit"] = logits[:, 0]
    return Predictions(
        table.with_columns(pl.lit(part).alias("part"), pl.lit(run).alias("run"), **columns), cohort.classes
    )


def scores_of(prepared: Prepared, threshold: Threshold | None, parts: dict[str, Scores], *, run: str) -> dict[str, Any]:
    """Return ``scores.json`` of a run: no times, so that a resumed run's is byte for byte the same."""
    about = prepared.recipe.about
    return {
        "format": 1,
        "run": run,
        "recipe": prepared.recipe.name,
        "leakage": prepared.split.leakage,
        "warnings": list(prepared.split.warnings),
        "threshold": None if threshold is None else threshold.as_json(),
        "published": {"paper": about.paper, "protocol": about.protocol, "figures": about.published},
        "parts": {name: scores.as_json() for name, scores in parts.items()},
    }
