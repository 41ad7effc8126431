"""Whether a model beats a single fact: the least that it must do to be worth its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from leukoscope.errors import DataError, counted
from leukoscope.facts.ablations import ALONE
from leukoscope.facts.patients import targets
from leukoscope.predictions.table import Predictions

CHANCE = 0.05


@dataclass(frozen=True)
class Verdict:
    """A model against one fact alone, on the same patients.

    Args:
        model: The model's ROC AUC (of more than two classes the mean of each against the rest); None where not defined.
        fact: The fact's.
        beats: Whether the model's is the larger; None where not defined.
        sentence: The same in words.
    """

    model: float | None
    fact: float | None
    beats: bool | None
    sentence: str


def strongest_fact(rows: Mapping[str, Predictions]) -> str:
    """Return the title of the fact that alone has the largest ROC AUC on these patients.

    It is chosen in hindsight, on the very patients that are scored: the hardest of them to beat.

    Args:
        rows: What ``ablations`` returned.

    Raises:
        DataError: no row is of a fact alone.
    """
    found = {title: roc_auc(one) for title, one in rows.items() if title.endswith(ALONE)}
    alone = {title: 0.0 if value is None else value for title, value in found.items()}
    if not alone:
        raise DataError("None of these predictions is of a fact alone.", do="Name the facts: facts.inputs.")
    return max(alone, key=alone.__getitem__)


def verdict(
    model: Predictions, fact: Predictions, *, name: str = "The model", against: str, p: float | None = None
) -> Verdict:
    """Say whether a model beats a fact alone.

    Args:
        model: What the model says of patients.
        fact: What the fact alone says of the same patients, in the same order (as ``ablations`` returns them).
        name: The model, at the start of a sentence.
        against: The fact alone, in a sentence: ``lymphocyte_count alone``.
        p: The p-value of a paired test of the two, where one was made.

    Raises:
        DataError: the patients are not the same.
    """
    if model.table["patient"].to_list() != fact.table["patient"].to_list():
        raise DataError("The model and the fact alone were not asked about the same patients.")
    first, second = roc_auc(model), roc_auc(fact)
    if first is None or second is None:
        return Verdict(
            first, second, None, f"Whether {_inside(name)} beats {against} cannot be told: a class has no patient."
        )
    number = counted(model.table["label"].count(), "patient")
    shown = "beats" if p is None or p < CHANCE else "is not shown to beat"
    says = shown if first > second else "does not beat"
    figures = f"ROC AUC {first:.3f} against {second:.3f} on the same {number}"
    return Verdict(first, second, first > second, f"{name} {says} {against}: {figures}{_test(p)}.")


def roc_auc(predictions: Predictions) -> float | None:
    """Return the ROC AUC of the patients whose label is known; None where a class has none of them.

    For two classes that of the positive one; for more the mean of each class against the rest.
    """
    known = predictions.table.filter(pl.col("label").is_not_null())
    classes = predictions.classes
    truth = targets(known["label"], classes)
    if len(np.unique(truth)) < len(classes):
        return None
    values = known.select(predictions.columns).to_numpy()
    if classes.binary:
        return float(roc_auc_score(truth, values[:, classes.index(str(classes.positive))]))
    return float(np.mean([roc_auc_score(truth == place, values[:, place]) for place in range(len(classes))]))


def _test(p: float | None) -> str:
    if p is None:
        return ""
    return f"; paired test p = {p:.2g}" + ("" if p < CHANCE else ", so the difference may be chance")


def _inside(name: str) -> str:
    return name[:1].lower() + name[1:]
