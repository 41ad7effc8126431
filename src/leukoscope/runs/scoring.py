"""From a trained network to the tables of a run: predictions of a part, scores of the parts, the bundle's card."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl
import torch

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.cohort import Cohort
from leukoscope.evaluation import Scores, Threshold, choose_threshold
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import probabilities
from leukoscope.models.weights import WeightsNote
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.progress import progress
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.runs.preparation import Prepared
from leukoscope.training.scoring import predict_store

BATCH = 64
HEADLINE = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "sensitivity", "specificity", "roc_auc")


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
    views = prepared.recipe.test_time
    with progress(f"Scoring the {part} part", -(-len(data) // BATCH)) as advance:
        logits = predict_store(
            model, data, cohort.classes, batch=BATCH, device=device, test_time=views, after_batch=lambda: advance(1)
        )
    values = probabilities(torch.from_numpy(logits), cohort.classes).numpy()
    groups = prepared.split.table.select("id", "group")
    table = chosen.labelled.select("id", "patient", "label").join(groups, on="id", maintain_order="left")
    own = chosen.patients.select("patient", patient_label="label")
    table = table.join(own, on="patient", how="left", maintain_order="left")
    columns = {probability_column(name): values[:, index] for index, name in enumerate(cohort.classes.names)}
    if cohort.classes.binary:
        columns["logit"] = logits[:, 0]
    texts = {"part": part, "run": run, "leakage": prepared.split.leakage}
    said = [pl.lit(text, pl.String).alias(name) for name, text in texts.items()]
    return Predictions(table.with_columns(*said, **columns), cohort.classes)


def scores_of(
    prepared: Prepared, threshold: Threshold | None, parts: dict[str, Scores], baselines: dict[str, Any], *, run: str
) -> dict[str, Any]:
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
        "baselines": baselines,
        "parts": {name: scores.as_json() for name, scores in parts.items()},
    }


def operating_point(settings: ThresholdSettings, validation: Predictions) -> Threshold | None:
    """Return the threshold chosen on the validation part; None for more than two classes."""
    if not validation.classes.binary:
        return None
    return choose_threshold(validation, maximize=settings.maximize, sensitivity=settings.sensitivity)


def card_of(
    prepared: Prepared, threshold: Threshold | None, parts: dict[str, Scores], note: WeightsNote, *, run: str
) -> BundleCard:
    """Return the bundle's card: what the network is, what it was trained on, and how good it was on the test part."""
    return BundleCard(
        name=run,
        classes=prepared.intake.cohort.classes,
        framing=prepared.framing,
        model=prepared.recipe.model,
        threshold=None if threshold is None else threshold.value,
        test_time=prepared.recipe.test_time,
        weights=note.as_json(),
        trained_on=_trained_on(prepared),
        leakage=prepared.split.leakage,
        scores={name: score for name, score in parts["test"].as_json()["scores"].items() if name in HEADLINE},
    )


def _trained_on(prepared: Prepared) -> dict[str, Any]:
    cohort = prepared.intake.cohort
    cells = prepared.split.part(cohort, "train").labelled.join(prepared.intake.pictures, on="id")
    listed = "\n".join(sorted(cells["sha256"].to_list()))
    return {
        "data": cohort.name,
        "cells": cells.height,
        "patients": cells["patient"].n_unique() if cohort.patients_known else None,
        "classes": dict(cells.group_by("label").len().sort("label").iter_rows()),
        "warnings": list(prepared.split.warnings),
        "pictures_sha256": hashlib.sha256(listed.encode()).hexdigest(),
    }
