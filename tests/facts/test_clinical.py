from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.facts.clinical import CLINICAL, clinical_logits, out_of_fold_logits
from leukoscope.facts.patients import targets


@pytest.mark.parametrize("way", CLINICAL)
def test_the_positive_class_has_the_larger_logits(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, way: str
) -> None:
    train, asked = people.head(30), people.tail(10)
    logits = clinical_logits(train, asked, inputs, classes, way=way, seed=0)
    assert logits.shape == (10, 1)
    assert roc_auc_score(targets(asked["label"], classes), logits[:, 0]) > 0.7


def test_patients_of_unknown_label_teach_nothing(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes
) -> None:
    unknown = people.head(5).with_columns(
        pl.concat_str(pl.lit("U"), "patient").alias("patient"), label=pl.lit(None), age=pl.lit(500.0)
    )
    with_them = clinical_logits(pl.concat([people, unknown]), people, inputs, classes, seed=0)
    assert np.array_equal(with_them, clinical_logits(people, people, inputs, classes, seed=0))


@pytest.mark.parametrize("way", CLINICAL)
def test_out_of_fold_logits_know_nothing_of_the_patients_label(classes: Classes, way: str) -> None:
    # The fact names the linked group, so in sample a model tells every label; out of fold it can tell none.
    random = np.random.default_rng(0)
    codes = random.permutation(np.repeat(np.arange(30), 2))
    labels = np.where(random.permutation(30)[codes] < 15, "tumoral", "reactive")
    patients = pl.DataFrame(
        {
            "patient": [f"P{place}" for place in range(60)],
            "group": [f"G{code}" for code in codes],
            "label": labels,
            "code": codes.astype(float),
        }
    )
    logits = out_of_fold_logits(patients, {"code": "linear"}, classes, way=way, seed=0)
    apart = patients.with_columns(group=pl.lit(None, dtype=pl.String))
    leaking = out_of_fold_logits(apart, {"code": "linear"}, classes, way=way, seed=0)
    truth = targets(patients["label"], classes)
    assert roc_auc_score(truth, logits[:, 0]) < 0.65
    assert way == "logistic" or roc_auc_score(truth, leaking[:, 0]) > 0.75


def test_out_of_fold_logits_depend_on_the_seed_and_not_on_the_order(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes
) -> None:
    logits = out_of_fold_logits(people, inputs, classes, seed=1)
    turned = out_of_fold_logits(people.reverse(), inputs, classes, seed=1)[::-1]
    other = out_of_fold_logits(people, inputs, classes, seed=2)
    assert np.allclose(logits, turned, atol=1e-3)
    assert not np.allclose(logits, other, atol=1e-3)
    assert np.array_equal(logits, out_of_fold_logits(people, inputs, classes, seed=1))


@pytest.mark.parametrize("way", CLINICAL)
def test_of_three_classes_each_has_its_logit(people: pl.DataFrame, way: str) -> None:
    classes = Classes(("a", "b", "c"))
    three = people.with_columns(label=pl.Series([("a", "b", "c")[place % 3] for place in range(40)]))
    logits = out_of_fold_logits(three, {"age": "linear"}, classes, way=way, folds=3, seed=0)
    assert logits.shape == (40, 3)
    assert np.isfinite(logits).all()


def test_an_unknown_way_gets_the_known_ones(people: pl.DataFrame, inputs: dict[str, str], classes: Classes) -> None:
    with pytest.raises(SettingsError) as caught:
        clinical_logits(people, people, inputs, classes, way="boost", seed=0)
    assert str(caught.value) == (
        "There is no clinical model 'boost'.\n  what to do: Did you mean 'boosting'? Known: boosting, logistic."
    )
