"""Scores of groups of patients: by sex, by age, by whatever a fact tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import polars as pl

from leukoscope.evaluation.evaluate import evaluate
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions

FEWEST_PATIENTS = 10
"""With fewer patients a group has no scores: they would tell of these few, and of nobody else."""
NOT_STATED = "not stated"
AGE_BANDS: dict[str, float] = {"under 18": 18, "18 to 39": 40, "40 to 64": 65, "65 and over": float("inf")}
"""Each band of ages by its name, and the age in years that lies just above it."""
COMPARED = ("accuracy", "balanced_accuracy", "macro_f1", "sensitivity", "specificity", "roc_auc")
"""The scores of a group."""


@dataclass(frozen=True)
class Subgroup:
    """What was scored of one group of patients.

    Args:
        name: The group: ``F``, ``18 to 39``, ``not stated``.
        patients: Its patients with a label.
        rows: Their labelled cells; the patients again where the rows are patients.
        scores: Score by name, with intervals that resample the group's patients; empty where there are too few.
        reason: Why there are no scores; None where there are.
    """

    name: str
    patients: int
    rows: int
    scores: dict[str, Score] = field(default_factory=dict)
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the group as plain JSON values."""
        return asdict(self)


def age_bands(ages: pl.Series) -> pl.Series:
    """Return the band of each age; null where there is no age.

    Args:
        ages: Years, numbers.

    Example:
        >>> age_bands(pl.Series([3.0, 40.0, None])).to_list()
        ['under 18', '40 to 64', None]
    """
    age, band = pl.col("age"), pl.lit(None, pl.String)
    for name, above in reversed(AGE_BANDS.items()):
        band = pl.when(age < above).then(pl.lit(name)).otherwise(band)
    table = pl.DataFrame({"age": ages.cast(pl.Float64, strict=False)})
    return table.select(pl.when(age.is_finite() & (age >= 0)).then(band).alias("band"))["band"]


def subgroup_scores(
    predictions: Predictions,
    groups: pl.DataFrame,
    *,
    threshold: float | None,
    order: Sequence[str] = (),
    how: Resampling | None = None,
) -> tuple[Subgroup, ...]:
    """Score each group of patients by itself.

    Args:
        predictions: As of ``evaluate``; rows without label or patient are left out.
        groups: Columns ``patient`` and ``group``; a patient who is not there, or whose group is null, is
            ``not stated``.
        threshold: The operating threshold, as of ``evaluate``: the same for all groups.
        order: The groups in their order; those that are not named follow by name, ``not stated`` last.
        how: How the intervals are made; as ``evaluate`` makes them where not given.

    Returns:
        One for each group that has labelled rows.
    """
    table = predictions.table.filter(pl.col("label").is_not_null() & pl.col("patient").is_not_null())
    named = groups.select(pl.col("patient").cast(pl.String), pl.col("group").cast(pl.String).alias("subgroup"))
    named = named.unique("patient", keep="first")
    joined = table.join(named, on="patient", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("subgroup").fill_null(NOT_STATED))
    found = sorted(joined["subgroup"].unique().to_list(), key=lambda name: _place(name, order))
    how = how or Resampling()
    return tuple(_scored(name, replace(predictions, table=_of(joined, name)), threshold, how) for name in found)


def _place(name: str, order: Sequence[str]) -> tuple[bool, int, str]:
    return name == NOT_STATED, list(order).index(name) if name in order else len(order), name


def _of(joined: pl.DataFrame, name: str) -> pl.DataFrame:
    return joined.filter(pl.col("subgroup") == name).drop("subgroup")


def _scored(name: str, own: Predictions, threshold: float | None, how: Resampling) -> Subgroup:
    patients, rows = own.table["patient"].n_unique(), own.table.height
    if patients < FEWEST_PATIENTS:
        reason = f"too few patients ({patients}; {FEWEST_PATIENTS} or more are needed)"
        return Subgroup(name, patients, rows, reason=reason)
    scores = evaluate(own, threshold=threshold, level=how.level, replicates=how.replicates, seed=how.seed).scores
    return Subgroup(name, patients, rows, {score: scores[score] for score in COMPARED if score in scores})
