"""What a run says of itself: the scores of its parts, and the bundle's card."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.evaluation import Scores, Threshold, choose_threshold, point_scores
from leukoscope.models.seen import shortened
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.runs.about import GENERAL
from leukoscope.runs.learned import Learned
from leukoscope.runs.preparation import Prepared

HEADLINE = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "sensitivity", "specificity", "roc_auc")
ADJUSTED = (
    "The loss was adjusted to the classes' frequencies (loss.logit_adjustment): probabilities are as if all classes "
    "were equally frequent, so those of rare classes, and of groups that hold them, are larger than how often it is so."
)


def scores_of(prepared: Prepared, threshold: Threshold | None, parts: dict[str, Scores], *, run: str) -> dict[str, Any]:
    """Return ``scores.json`` of a run: no times, so that a resumed run's is byte for byte the same."""
    about = prepared.recipe.about
    notes = (ADJUSTED,) if prepared.recipe.loss.logit_adjustment else ()
    return {
        "format": 1,
        "run": run,
        "recipe": prepared.recipe.name,
        "leakage": prepared.split.mark,
        "warnings": list(prepared.split.warnings),
        "threshold": None if threshold is None else threshold.as_json(),
        "published": {"paper": about.paper, "protocol": about.protocol, "figures": about.published},
        "parts": {name: replace(one, notes=(*one.notes, *notes)).as_json() for name, one in parts.items()},
    }


def operating_point(settings: ThresholdSettings, validation: Predictions) -> Threshold | None:
    """Return the threshold chosen on the validation part; None for more than two classes."""
    if not validation.classes.binary:
        return None
    if settings.value is not None:
        reached = point_scores(validation, threshold=settings.value)["balanced_accuracy"]
        return Threshold(settings.value, "given by the recipe", reached if reached is not None else 0.0)
    return choose_threshold(validation, maximize=settings.maximize, sensitivity=settings.sensitivity)


def card_of(
    prepared: Prepared,
    threshold: Threshold | None,
    parts: dict[str, Scores],
    learned: Learned,
    *,
    run: str,
    of_patients: dict[str, Any],
) -> BundleCard:
    """Return the bundle's card: what the network is, what it was trained on, and how good it was on the test part.

    Args:
        prepared: What the run worked on.
        threshold: The operating threshold.
        parts: The scores of each part.
        learned: The network and what was fitted behind it.
        run: The run's name.
        of_patients: What only some cards have, by its field: ``view_rule`` of cells whose views are spared; of
            patients ``encoder``, ``calibrator``, ``band``, and their ``threshold``, which is on calibrated
            probabilities.
    """
    recipe = prepared.recipe
    further = {"bag": recipe.bag, "facts": recipe.facts} if recipe.task == "patients" else {}
    value = None if threshold is None else threshold.value
    return BundleCard(
        name=run,
        classes=prepared.intake.cohort.classes,
        framing=prepared.framing,
        model=prepared.recipe.model,
        test_time=prepared.recipe.test_time,
        weights=learned.note.as_json(),
        trained_on=_trained_on(prepared, whole=learned.out_of_fold is not None),
        leakage=prepared.split.mark,
        scores={name: score for name, score in parts["test"].as_json()["scores"].items() if name in HEADLINE},
        task=recipe.task,
        auto_crop=prepared.auto_crop,
        fusion=None if learned.late is None else learned.late.as_json(),
        **{"threshold": value, **further, **of_patients},
    )


def seen_pictures(prepared: Prepared) -> frozenset[str]:
    """Return the pictures that a run's weights have seen, as its bundle keeps them.

    These are the training part, the validation part, by which the best of them were chosen, and what the weights that
    it started from had seen.
    """
    cohort = prepared.intake.cohort
    cells = known_labels(prepared.split.development(cohort)).join(prepared.intake.pictures, on="id")
    return prepared.seen.pictures | shortened(cells["sha256"].to_list())


def _trained_on(prepared: Prepared, *, whole: bool) -> dict[str, Any]:
    """Return what was learnt from: the training part, or ``whole``, the validation part too."""
    cohort = prepared.intake.cohort
    learnt = prepared.split.development(cohort) if whole else prepared.split.part(cohort, "train")
    cells = known_labels(learnt).join(prepared.intake.pictures, on="id")
    seen = prepared.split.development(cohort).cells
    listed = "\n".join(sorted(cells["sha256"].to_list()))
    return {
        "data": cohort.name,
        "sets": sorted({cohort.reader, *seen["source"].drop_nulls().unique()} - {None, *GENERAL}),
        "cells": cells.height,
        "patients": cells["patient"].n_unique() if cohort.patients_known else None,
        "classes": dict(cells.group_by("label").len().sort("label").iter_rows()),
        "warnings": list(prepared.split.warnings),
        "pictures_sha256": hashlib.sha256(listed.encode()).hexdigest(),
    }
