from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.facts.patients import targets


@pytest.fixture
def case(people: pl.DataFrame, inputs: dict[str, str], classes: Classes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return image logits, facts and truth of patients of whom both know something."""
    truth = targets(people["label"], classes)
    logits = np.random.default_rng(8).normal(size=(40, 1)) * 2 + 2 * truth[:, None]
    return logits, FactsEncoder.fit(people, inputs).encode(people), truth


def fused(people: pl.DataFrame, case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> LateFusion:
    names = [f"f{place}" for place in range(case[1].shape[1])]
    return LateFusion.fit(*case, groups=people["patient"].to_list(), names=names, seed=0)


def test_both_together_know_more_than_each(
    people: pl.DataFrame, case: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    logits, facts, truth = case
    late = fused(people, case)
    both = roc_auc_score(truth, late.logits(logits, facts)[:, 0])
    assert both > roc_auc_score(truth, logits[:, 0])
    assert late.names[:2] == ("pictures", "f0")


def test_moves_sum_to_the_logit_by_input_and_by_fact(
    people: pl.DataFrame, inputs: dict[str, str], case: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    logits, facts, _ = case
    late, sources = fused(people, case), FactsEncoder.fit(people, inputs).sources
    whole = late.logits(logits, facts)[:, 0]
    moves, by_fact = late.moves(logits, facts), late.moves_by_fact(logits, facts, sources)
    assert moves.shape == (40, 8)
    assert np.allclose(moves.sum(axis=1) + late.intercepts[0], whole, atol=1e-12)
    assert list(by_fact) == ["pictures", "age", "count", "sex"]
    assert np.allclose(sum(by_fact.values()) + late.intercepts[0], whole, atol=1e-12)


def test_a_fusion_goes_through_json_without_a_change(
    people: pl.DataFrame, case: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    late = fused(people, case)
    again = LateFusion.from_json(json.loads(json.dumps(late.as_json())))
    assert again == late
    assert np.array_equal(again.logits(case[0], case[1]), late.logits(case[0], case[1]))


def test_without_facts_the_logit_alone_is_rescaled(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    logits, _, truth = case
    nothing = np.empty((40, 0))
    late = LateFusion.fit(logits, nothing, truth, groups=[str(n) for n in range(40)], names=(), seed=0)
    order = np.argsort(logits[:, 0])
    assert np.array_equal(np.argsort(late.logits(logits, nothing)[:, 0]), order)


def test_of_three_classes_each_image_logit_is_an_input() -> None:
    random, truth = np.random.default_rng(0), np.arange(45) % 3
    logits, facts = random.normal(size=(45, 3)) + np.eye(3)[truth], random.normal(size=(45, 1))
    late = LateFusion.fit(logits, facts, truth, groups=[str(n) for n in range(45)], names=["age"], seed=0)
    assert late.names == ("pictures 0", "pictures 1", "pictures 2", "age")
    assert late.logits(logits, facts).shape == (45, 3)
    assert list(late.moves_by_fact(logits, facts, ["age"], output=2)) == ["pictures", "age"]


def test_patients_that_do_not_match_are_refused(
    people: pl.DataFrame, case: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    logits, facts, _ = case
    late = fused(people, case)
    with pytest.raises(DataError) as caught:
        late.logits(logits[:3], facts)
    assert str(caught.value) == "There are image logits of 3 patients, but facts of 40."
    with pytest.raises(DataError, match=r"This model takes 8 inputs a patient .*found values of shape \(40, 6\)"):
        late.logits(logits, facts[:, :5])


def test_other_json_is_refused() -> None:
    with pytest.raises(DataError, match="This is no late fusion: 'model' is missing or wrong"):
        LateFusion.from_json({"images": 1})


def test_the_room_needs_no_network_library() -> None:
    code = "import sys, leukoscope.facts; print([n for n in ('torch', 'timm') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
