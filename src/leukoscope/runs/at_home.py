"""What a run's pictures and answers are like in short: its bundle keeps it, so that drift elsewhere can be told."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.split import Split
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.drift import answers_in_short, pictures_in_short
from leukoscope.predictions.table import Predictions

PARTS = ("train", "test")


def at_home(
    cohort: Cohort, pictures: pl.DataFrame, split: Split, test: Predictions, *, card: BundleCard, rule: dict[str, Any]
) -> dict[str, Any]:
    """Return a bundle's field ``home``, as JSON values.

    Args:
        cohort: The run's cohort.
        pictures: Its pictures table.
        split: Which cell is in which part.
        test: What the run says of the test part, not calibrated.
        card: The bundle's card, for its calibrator and threshold.
        rule: The recipe's settings of the threshold.

    Returns:
        ``pictures``: ``train`` and ``test``, each as of ``pictures_in_short``, of the cells whose class is known;
        ``answers``: of the test part, as of ``answers_in_short``, as the bundle states them; ``threshold``: the rule by
        which it was chosen (``value``, ``maximize``, ``sensitivity``).
    """
    known = known_labels(cohort).select("id").join(pictures, on="id", how="inner", maintain_order="left")
    parts = {part: known.filter(pl.col("id").is_in(split.ids(part).implode())) for part in PARTS}
    said = test if card.calibrator is None else Calibrator.from_json(card.calibrator).apply(test)
    return {
        "pictures": {part: pictures_in_short(table) for part, table in parts.items()},
        "answers": answers_in_short(said, card.threshold),
        "threshold": rule,
    }
