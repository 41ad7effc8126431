from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.facts.predicted import predicted
from leukoscope.facts.verdict import roc_auc, strongest_fact, verdict
from leukoscope.predictions.table import Predictions

LABELS = ["tumoral", "tumoral", "reactive", "reactive", None]


def said(logits: list[float], classes: Classes, labels: list[str | None] = LABELS) -> Predictions:
    patients = pl.DataFrame({"patient": list("abcde"), "label": pl.Series(labels, dtype=pl.String)})
    return predicted(patients, np.array(logits)[:, None], classes, part="test", run="any")


def test_a_model_that_ranks_better_beats_the_fact(classes: Classes) -> None:
    model, fact = said([3, 2, 1, 0, 9], classes), said([3, 0, 1, 0.5, -9], classes)
    found = verdict(model, fact, against="count alone")
    assert (found.model, found.fact, found.beats) == (1.0, 0.5, True)
    assert found.sentence == ("The model beats count alone: ROC AUC 1.000 against 0.500 on the same 4 patients.")


def test_a_model_that_is_no_better_says_so(classes: Classes) -> None:
    model = said([3, 2, 1, 0, 9], classes)
    found = verdict(model, model, name="Images only", against="count alone", p=1.0)
    assert found.beats is False
    assert found.sentence == (
        "Images only does not beat count alone: ROC AUC 1.000 against 1.000 on the same 4 patients; "
        "paired test p = 1, so the difference may be chance."
    )


def test_a_clear_test_says_its_p_value_alone(classes: Classes) -> None:
    found = verdict(said([3, 2, 1, 0, 9], classes), said([3, 0, 1, 0.5, 0], classes), against="count alone", p=0.0123)
    assert found.sentence.endswith("on the same 4 patients; paired test p = 0.012.")


def test_without_a_class_nothing_can_be_told(classes: Classes) -> None:
    model = said([3, 2, 1, 0, 9], classes, ["tumoral", None, None, None, None])
    found = verdict(model, model, against="count alone")
    assert found.beats is None
    assert found.sentence == "Whether the model beats count alone cannot be told: a class has no patient."


def test_other_patients_are_refused(classes: Classes) -> None:
    model = said([3, 2, 1, 0, 9], classes)
    fact = Predictions(model.table.reverse(), classes)
    with pytest.raises(DataError) as caught:
        verdict(model, fact, against="count alone")
    assert str(caught.value) == "The model and the fact alone were not asked about the same patients."


def test_the_strongest_is_the_fact_alone_with_the_largest_auc(classes: Classes) -> None:
    rows = {
        "age alone": said([3, 0, 1, 0.5, 0], classes),
        "count alone": said([3, 1, 1, 0.5, 0], classes),
        "images only": said([3, 2, 1, 0, 9], classes),
    }
    assert strongest_fact(rows) == "count alone"
    with pytest.raises(DataError, match=r"None of these predictions is of a fact alone\."):
        strongest_fact({"images only": rows["images only"]})


def test_of_three_classes_the_auc_is_the_mean_of_each_against_the_rest() -> None:
    patients = pl.DataFrame({"patient": list("abc"), "label": list("xyz")})
    found = predicted(patients, np.eye(3)[[0, 2, 1]], Classes(("x", "y", "z")), part="test", run="any")
    assert roc_auc(found) == pytest.approx((1 + 0.25 + 0.25) / 3)
