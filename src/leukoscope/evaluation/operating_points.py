"""Operating points: what each wanted sensitivity costs, chosen on validation and kept on test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from leukoscope.evaluation.evaluate import evaluate
from leukoscope.evaluation.scores import Score, Scores
from leukoscope.evaluation.thresholds import Threshold, choose_threshold
from leukoscope.predictions.table import Predictions

WANTED = (0.8, 0.9, 0.95, 0.98, 1.0)
SCHEMA = {
    "wanted": pl.Float64(),
    "threshold": pl.Float64(),
    "part": pl.String(),
    **{f"{name}{end}": pl.Float64() for name in ("sensitivity", "specificity") for end in ("", "_low", "_high")},
}


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold for one wanted sensitivity, and what it reaches.

    Args:
        wanted: The sensitivity that was asked for, 0 to 1.
        threshold: What was chosen on validation.
        reached: By part (``validation``, ``test``): sensitivity and specificity with their intervals.
    """

    wanted: float
    threshold: Threshold
    reached: dict[str, tuple[Score, Score]]


def operating_points(
    validation: Predictions,
    test: Predictions | None = None,
    *,
    sensitivities: Sequence[float] = WANTED,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> tuple[OperatingPoint, ...]:
    """Choose a threshold for each wanted sensitivity on validation, and say what it reaches there and on test.

    What is reached on validation flatters, since the threshold was chosen there; only the test part's interval says
    what new patients may have.

    Args:
        validation: Labelled predictions of two classes with probabilities.
        test: Those of the test part; None where it is not to be opened.
        sensitivities: The wanted sensitivities, each above 0 and at most 1.
        level: As in ``evaluate``, and so the next two.
        replicates: Resamples of linked groups.
        seed: Their seed.

    Raises:
        SettingsError: more than two classes, or a sensitivity outside 0 to 1.
        DataError: no probabilities, or a class without labelled row in validation.
    """
    points = []
    for wanted in sensitivities:
        threshold = choose_threshold(validation, sensitivity=wanted)
        parts = {"validation": validation} | ({} if test is None else {"test": test})
        reached = {
            part: _rates(evaluate(one, threshold=threshold.value, level=level, replicates=replicates, seed=seed))
            for part, one in parts.items()
        }
        points.append(OperatingPoint(wanted, threshold, reached))
    return tuple(points)


def points_table(points: Sequence[OperatingPoint]) -> pl.DataFrame:
    """Return operating points as a table, a row for each point and part.

    Returns:
        Columns ``wanted``, ``threshold``, ``part``, ``sensitivity``, ``sensitivity_low``, ``sensitivity_high`` and the
        same of ``specificity``; null where not defined.
    """
    rows = [
        (point.wanted, point.threshold.value, part, *_numbers(sensitivity), *_numbers(specificity))
        for point in points
        for part, (sensitivity, specificity) in point.reached.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rates(scores: Scores) -> tuple[Score, Score]:
    return scores["sensitivity"], scores["specificity"]


def _numbers(score: Score) -> tuple[float | None, float | None, float | None]:
    return score.value, score.low, score.high
