from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import evaluate
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.preparation import Prepared
from leukoscope.runs.scoring import ADJUSTED, scores_of


@pytest.mark.parametrize(("strength", "noted"), [(0, False), (1, True)])
def test_that_probabilities_are_not_those_of_the_classes_frequencies_is_noted(strength: int, noted: bool) -> None:
    table = pl.DataFrame({"id": ["1", "2", "3"], "label": ["a", "b", "c"], "called": ["a", "b", "b"]})
    scores = evaluate(Predictions(table, Classes(("a", "b", "c"))), replicates=0)
    recipe = load_recipe("pbc-quick", [f"loss.logit_adjustment={strength}"])
    prepared = cast("Prepared", SimpleNamespace(recipe=recipe, split=SimpleNamespace(mark=None, warnings=())))
    parts: dict[str, Any] = scores_of(prepared, None, {"test": scores}, run="r")["parts"]
    assert parts["test"]["notes"] == [*scores.notes, *([ADJUSTED] if noted else [])]
