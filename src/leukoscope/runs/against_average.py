"""``against_average.csv``: does a rule do better than the plain mean of the same models?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from leukoscope.ensembles import Average
from leukoscope.errors import DataError
from leukoscope.evaluation import compare_pair
from leukoscope.predictions.table import Predictions
from leukoscope.runs.ensembled_rule import Task
from leukoscope.runs.scoring import operating_point
from leukoscope.runs.spoken import Spoken

SCORES = ("weighted_f1", "roc_auc", "brier", "log_loss")
NUMBERS = ("value", "of_average", "difference", "low", "high", "p")
SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "score": pl.String(),
    **dict.fromkeys(NUMBERS, pl.Float64()),
    "unit": pl.String(),
    "clusters": pl.Int64(),
    "note": pl.String(),
}


def against_average(task: Task, said: Sequence[Spoken]) -> pl.DataFrame:
    """Compare each rule with the plain mean of the members on the test part, whether that is asked for or not.

    The differences are paired and resample linked groups (``leukoscope.evaluation.compare_pair``). Weighted F1 is
    that at each one's own operating threshold, the mean's chosen on validation as a rule's is.

    Args:
        task: What the rules worked on.
        said: Members and rules; members, and the rule ``average`` itself, are passed over.

    Returns:
        ``name``, ``score``, ``value``, ``of_average``, ``difference``, ``low``, ``high``, ``p``, ``unit``,
        ``clusters``, ``note`` (why there are no numbers).
    """
    rules = [one for one in said if one.kind == "rule" and one.name != Average.name]
    if not rules:
        return pl.DataFrame(schema=SCHEMA)
    parts = (part.said(np.mean(part.probabilities, axis=0), run=Average.name) for part in (task.validation, task.test))
    validation, mean = parts
    point = operating_point(task.threshold, validation)
    cut = None if point is None else point.value
    rows = []
    for one in rules:
        cuts = (one.threshold, cut)
        rows += [{"name": one.name, "score": score} | _difference(one, mean, score, cuts) for score in SCORES]
    return pl.DataFrame(rows, schema=SCHEMA)


def _difference(one: Spoken, mean: Predictions, score: str, cuts: tuple[float | None, float | None]) -> dict[str, Any]:
    try:
        found = compare_pair(one.test, mean, score=score, thresholds=cuts)
    except DataError as error:
        return {"note": error.what}
    return {
        "value": found.first,
        "of_average": found.second,
        **{name: getattr(found, name) for name in (*NUMBERS[2:], "unit", "clusters")},
    }
