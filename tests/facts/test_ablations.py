from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.facts.ablations import BOOSTING, BOTH, IMAGES, LOGISTIC, ablations, ablations_out_of_fold
from leukoscope.facts.predicted import predicted

TITLES = ["age alone", "count alone", "sex alone", LOGISTIC, BOOSTING]


@pytest.fixture
def parts(people: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of thirty training patients and ten test patients."""
    names = people["patient"].to_list()
    return names[:30], names[30:][::-1]


def test_every_row_has_the_same_patients_in_the_same_order(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, parts: tuple[list[str], list[str]]
) -> None:
    train, test = parts
    images = predicted(people, np.zeros((40, 1)), classes, part="test", run="network")
    rows = ablations(people, inputs, classes, train=train, test=test, seed=0, images=images, both=images)
    assert list(rows) == [*TITLES, IMAGES, BOTH]
    assert all(one.table["patient"].to_list() == test for one in rows.values())
    assert [one.table["run"][0] for one in rows.values()] == list(rows)


def test_test_labels_change_nothing_and_unknown_ones_are_predicted(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, parts: tuple[list[str], list[str]]
) -> None:
    train, test = parts
    blind = people.with_columns(label=pl.when(pl.col("patient").is_in(train)).then("label"))
    seen = ablations(people, inputs, classes, train=train, test=test, seed=0)
    unseen = ablations(blind, inputs, classes, train=train, test=test, seed=0)
    assert all(np.array_equal(seen[title].probabilities(), unseen[title].probabilities()) for title in TITLES)
    assert unseen[LOGISTIC].table["label"].null_count() == 10


def test_a_fact_alone_sees_no_other_fact(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, parts: tuple[list[str], list[str]]
) -> None:
    train, test = parts
    other = people.with_columns(count=pl.col("count").reverse())
    seen = ablations(people, inputs, classes, train=train, test=test, seed=0)
    changed = ablations(other, inputs, classes, train=train, test=test, seed=0)
    same = [title for title in TITLES if np.array_equal(seen[title].probabilities(), changed[title].probabilities())]
    assert same == ["age alone", "sex alone"]


def test_out_of_fold_every_labelled_patient_is_there_once(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes
) -> None:
    some = people.with_columns(label=pl.when(pl.col("patient") != "P7").then("label"))
    rows = ablations_out_of_fold(some, inputs, classes, seed=0, folds=3)
    assert list(rows) == TITLES
    assert rows[LOGISTIC].table["patient"].to_list() == [name for name in people["patient"] if name != "P7"]
    assert rows[LOGISTIC].table["part"].unique().to_list() == ["out of fold"]


def test_a_patient_in_both_parts_is_refused(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, parts: tuple[list[str], list[str]]
) -> None:
    train, test = parts
    with pytest.raises(DataError) as caught:
        ablations(people, inputs, classes, train=[*train, test[0]], test=test, seed=0)
    assert str(caught.value) == "A patient is both in training and in test.\n  where: patient P39"


def test_a_patient_without_prediction_is_refused(
    people: pl.DataFrame, inputs: dict[str, str], classes: Classes, parts: tuple[list[str], list[str]]
) -> None:
    train, test = parts
    images = predicted(people.head(38), np.zeros((38, 1)), classes, part="test", run="network")
    with pytest.raises(DataError) as caught:
        ablations(people, inputs, classes, train=train, test=test, seed=0, images=images)
    assert str(caught.value) == (
        "The predictions 'images only' lack a patient whom the facts are asked for.\n  where: patient P39 (and 1 more)"
    )
