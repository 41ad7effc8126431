from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES
from leukoscope.ensembles.rows import Rows
from leukoscope.errors import SettingsError
from leukoscope.exporting.rules import rule_in_graph

TWO, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))
QUICK: dict[str, dict[str, Any]] = {"genetic": {"generations": 2, "population": 4, "restarts": 1}}


def said(classes: Classes, seed: int, rows: int = 40) -> np.ndarray:
    """Return what three models may say, (3, n, k), as networks in float32 do."""
    drawn = np.random.default_rng(seed).normal(0, 2, (3, rows, len(classes)))
    shares = np.exp(drawn) / np.exp(drawn).sum(axis=2, keepdims=True)
    return shares.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("classes", [TWO, THREE], ids=["two classes", "three classes"])
@pytest.mark.parametrize("name", [*RULES, "most_confident, calibrated"])
def test_each_rule_says_the_same_in_a_graph(name: str, classes: Classes) -> None:
    rule, _, calibrated = name.partition(",")
    settings = {"calibrate": "platt"} if calibrated else QUICK.get(rule, {})
    truth = np.arange(40) % len(classes)
    rows = Rows(("x", "y", "z"), classes, said(classes, 0), truth)
    fitted = RULES[rule](**settings).fit(rows, seed=0)
    new = said(classes, 1)
    found = rule_in_graph(fitted, classes, rule)(torch.from_numpy(new).float())
    np.testing.assert_allclose(found.numpy(), fitted.combine(new), atol=2e-5)


def test_of_equally_sure_models_the_first_one_counts() -> None:
    fitted = RULES["most_confident"]().restored({"calibrators": None, "decided": {}}, members=("x", "y"), classes=TWO)
    shares = np.array([[[0.9, 0.1]], [[0.1, 0.9]]])
    assert rule_in_graph(fitted, TWO, "most_confident")(torch.from_numpy(shares)).tolist() == [[0.9, 0.1]]


def test_a_rule_that_no_graph_knows_is_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        rule_in_graph(object(), TWO, "vote")  # type: ignore[arg-type]
    assert str(refused.value) == (
        "The rule 'vote' for several models can't be part of a graph yet.\n  what to do: Export the members one by one."
    )
