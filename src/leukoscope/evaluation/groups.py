"""Groups of classes scored as one: of many classes' probabilities those of two, and then as any two classes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.groups import REST, REST_TITLE, ClassGroup
from leukoscope.evaluation.evaluate import evaluate
from leukoscope.evaluation.scores import Scores
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.thresholds import Threshold, choose_threshold
from leukoscope.predictions.table import Predictions, probability_column


@dataclass(frozen=True, eq=False)
class GroupScores:
    """How well a group of classes is told from all others.

    Args:
        group: The group.
        absent: Those of its classes that are not there.
        threshold: The operating threshold on P(group), chosen on validation; None where it could not be chosen.
        scores: Of the test part, two classes: the group (positive) and ``other``.
    """

    group: ClassGroup
    absent: tuple[str, ...]
    threshold: Threshold | None
    scores: Scores

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values: an entry of ``groups`` in ``scores.json``."""
        return {
            **self.group.as_json(),
            "absent": list(self.absent),
            "threshold": None if self.threshold is None else self.threshold.as_json(),
            "scores": self.scores.as_json(),
        }


def of_group(predictions: Predictions, group: ClassGroup) -> Predictions:
    """Return predictions of two classes: the group, positive, and all others.

    P(group) is the sum of the probabilities of its classes (Matek et al. 2019, P(blast) and P(atypical)), and what was
    called a class of the group was called the group, where only classes were called.

    Args:
        predictions: Of more classes; some of the group are among them, and some others.
        group: The group.
    """
    classes = predictions.classes
    members = group.present(classes)
    two = Classes((REST, group.name), (REST_TITLE, group.title), positive=group.name)
    mapped = {name: group.name if name in members else REST for name in classes.names}
    table = predictions.table.with_columns(
        pl.col(column).replace_strict(mapped, default=None, return_dtype=pl.String)
        for column in ("label", "patient_label", "called")
    )
    if predictions.has_probabilities:
        summed = pl.sum_horizontal(probability_column(name) for name in members).cast(pl.Float64).clip(0, 1)
        table = table.drop(*predictions.columns, *(["logit"] if "logit" in table.columns else []))
        own = predictions.table.select(summed.alias("p"))["p"]
        table = table.with_columns(
            (1 - own).alias(probability_column(REST)), own.alias(probability_column(group.name)), called=pl.lit(None)
        )
    return Predictions(table, two, predictions.unit)


def score_group(
    group: ClassGroup, validation: Predictions | None, test: Predictions, how: Resampling | None = None
) -> GroupScores:
    """Score a group against all other classes.

    Args:
        group: The group.
        validation: Where the threshold is chosen, by balanced accuracy; None, and where one side has no cell there:
            0.5 is taken.
        test: What is scored.
        how: How intervals are made; as ``evaluate`` does where None.

    Raises:
        DataError: no row of the test part has a label.
    """
    asked, two = how or Resampling(), of_group(test, group)
    threshold = None
    if two.has_probabilities and validation is not None:
        chosen = of_group(validation, group)
        if chosen.table["label"].drop_nulls().n_unique() == len(chosen.classes):
            threshold = choose_threshold(chosen)
    scores = evaluate(
        two,
        threshold=None if threshold is None else threshold.value,
        level=asked.level,
        replicates=asked.replicates,
        seed=asked.seed,
    )
    return GroupScores(group, group.absent(test.classes), threshold, scores)
