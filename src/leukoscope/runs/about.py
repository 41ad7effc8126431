"""What a run tells its bundle of itself, beyond what is needed to predict: what the model card is written from.

What the run adds is of no single patient: numbers of patients, and of ages only where there are enough of them. What is
known of a public data set is told as its description has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.split import PARTS
from leukoscope.evaluation.subgroups import FEWEST_PATIENTS, NOT_STATED
from leukoscope.reports.audit_titles import finding_title
from leukoscope.runs.learned import Learned
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.subgroups import AGE, SECTION, SEX

TRAINING = ("augmentation", "balance", "loss", "stages")
OF_TEST = ("unit", "cells", "patients", "groups", "interval", "notes")
OF_CLASS = ("support", "recall", "precision")
OF_PATIENTS = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "roc_auc")
CALIBRATION = ("kind", "fitted_on", "ece", "brier", "notes")
REFERRAL = ("of", "wanted", "promised", "referred", "accuracy", "covered", "notes")
OF_A_RUN = ("test", "subgroups", "threshold", "calibration", "referral", "strangers", "verdict", "best_epoch")
"""What is one run's own, and none of an ensemble that it is a member of."""
GENERAL = {"folder", "table", "saved", "npz"}
"""Readers of a layout, which say nothing of what the data are."""


def about_run(
    prepared: Prepared, learned: Learned, scores: Mapping[str, Any], record: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a bundle's card says of the run that made it (``BundleCard.about``).

    Args:
        prepared: What the run worked on.
        learned: What was learnt.
        scores: ``scores.json``.
        record: ``run.json``.
    """
    recipe, split, cohort = prepared.recipe, prepared.split, prepared.intake.cohort
    settings = recipe.model_dump(mode="json", exclude_defaults=True)
    return {
        "recipe": recipe.name,
        "purpose": recipe.about.purpose,
        "paper": recipe.about.paper,
        "caution": recipe.about.caution,
        "date": record["started"][:10],
        "seed": recipe.seed,
        "data": data_sets(cohort),
        "excluded": cohort.cells.height - cohort.usable.height,
        "audit": [
            {"severity": one.severity, "title": finding_title(one.code), "count": one.count}
            for one in prepared.audit.worst_first
            if one.severity != "note"
        ],
        "split": {name: getattr(split, name) for name in ("kind", "by", "seed", "statement")},
        "parts": {part: part_of(cohort, split.ids(part)) for part in PARTS},
        "training": {name: settings[name] for name in TRAINING if name in settings},
        "best_epoch": {"epoch": learned.best_epoch, "metric": recipe.best_epoch.metric},
        **of_scores(scores),
    }


def of_scores(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a card says of the test part beyond the headline, number by number that of ``scores.json``.

    Where the bundle calibrates, its errors of calibration and the scores of its calls of patients are those after it.

    Args:
        scores: ``scores.json``.
    """
    test = scores["parts"]["test"]
    bundle = (scores.get("calibration") or {}).get("bundle") or test["scores"]
    of_patients = bundle["patient_scores"] if "patient_scores" in bundle else test["patient_scores"]
    found = {
        "threshold": scores["threshold"],
        "test": {
            **{name: test[name] for name in OF_TEST},
            "per_class": {of: _chosen(one, OF_CLASS) for of, one in test["per_class"].items()},
            "patient_scores": _chosen(of_patients, OF_PATIENTS),
            "calibration": _chosen(bundle, ("ece", "brier")),
        },
        SECTION: scores.get(SECTION),
        "calibration": _chosen(scores.get("calibration"), CALIBRATION),
        "referral": _chosen(scores.get("referral"), REFERRAL),
        "strangers": (scores.get("out_of_distribution") or {}).get("test"),
        "verdict": (scores.get("verdict") or {}).get("sentence"),
    }
    return {name: value for name, value in found.items() if value is not None}


def data_sets(cohort: Cohort) -> list[dict[str, Any]]:
    """Return what is known of the data sets that a cohort is made of; of one that is nobody's the name alone."""
    if cohort.reader not in (None, "saved"):
        return [_data_set(str(cohort.reader), cohort.name)]
    sources = cohort.usable["source"].drop_nulls().unique().sort().to_list()
    return [_data_set(name, cohort.name) for name in sources or [cohort.name]]


def _data_set(reader: str, name: str) -> dict[str, Any]:
    if reader not in READERS or reader in GENERAL:
        return {"name": name if reader in GENERAL else reader}
    known = READERS[reader].description.as_json()
    told = ("title", "contents", "sources", "licence", "background", "contradictions", "links")
    return {"name": reader, **{field: known[field] for field in told}}


def part_of(cohort: Cohort, ids: pl.Series) -> dict[str, Any]:
    """Return what a part holds: cells and patients by class, the patients' sex and age; no single patient's.

    Args:
        cohort: The cohort.
        ids: The part's cells.
    """
    cells = known_labels(cohort).filter(pl.col("id").is_in(ids.implode()))
    patients = cohort.patients.filter(pl.col("patient").is_in(cells["patient"].drop_nulls().implode()))
    own = _counts(patients["label"], cohort.classes.names)
    return {
        "cells": cells.height,
        "patients": patients.height or None,
        "classes": _counts(cells["label"], cohort.classes.names),
        "patients_of": own if patients["label"].drop_nulls().len() else None,
        SEX: _counts(patients[SEX]) if SEX in patients.columns else None,
        AGE: _ages(patients[AGE]) if AGE in patients.columns else None,
    }


def _counts(values: pl.Series, names: tuple[str, ...] = ()) -> dict[str, int]:
    """Return how often each value stands there, those of ``names`` first, with how many are not stated."""
    words = values.cast(pl.String).fill_null(NOT_STATED)
    counts = dict(words.value_counts().sort(words.name).iter_rows())
    return {name: counts.get(name, 0) for name in names} | counts


def _ages(values: pl.Series) -> dict[str, Any]:
    known = values.cast(pl.Float64, strict=False).drop_nulls().drop_nans()
    found: dict[str, Any] = {"known": known.len(), "of": values.len()}
    if known.len() < FEWEST_PATIENTS:
        return found
    low, middle, high = (known.quantile(share, "linear") for share in (0.25, 0.5, 0.75))
    return {**found, "median": middle, "quartiles": [low, high]}


def _chosen(values: Mapping[str, Any] | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    return None if values is None else {name: values[name] for name in names if name in values}
