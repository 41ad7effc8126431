"""Two models on the same patients: is one better, or is it chance?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from leukoscope.errors import DataError, SettingsError, counted, nearest
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.names import PROBABILISTIC, TITLES, Key, names_for, value_range
from leukoscope.evaluation.pairs import less_pairs
from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.scoring import Resampling, plain_scores
from leukoscope.evaluation.showing import p_text
from leukoscope.evaluation.spread import freedom_of
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Floats
from leukoscope.predictions.table import Predictions

TINY = 1e-12
AREA: Key = (None, "roc_auc")
SAME = "Compare two models on the same rows: the same part of the same split."


@dataclass(frozen=True)
class PairedDifference:
    """How far apart two models are, on the same rows; of a loss (Brier score, log-loss) the smaller is the better.

    Args:
        score: The score that was compared.
        first: The first model's.
        second: The second model's.
        difference: First less second.
        low: The interval's lower bound; None where every resample gives the same difference.
        high: Its upper bound.
        p: The two-sided probability of a difference at least as far from 0 where both models are equally good.
        level: The coverage that the interval aims at.
        unit: What was resampled: ``linked group of patients``, ``patient`` or ``cell``.
        clusters: How many of these there are.
        replicates: How many resamples.
        seed: Their seed.
    """

    score: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    level: float
    unit: str
    clusters: int
    replicates: int
    seed: int

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        found = f"{TITLES[self.score]} {self.first:.3f} against {self.second:.3f}: {self.difference:+.3f}"
        if self.low is None or self.high is None or self.p is None:
            return f"{found} (no interval: every resample gives the same difference)"
        return f"{found} ({self.low:+.3f} to {self.high:+.3f}), {p_text(self.p)}"


def compare_pair(
    first: Predictions,
    second: Predictions,
    *,
    score: str = "roc_auc",
    thresholds: tuple[float | None, float | None] = (None, None),
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> PairedDifference:
    """Compare two models by a score on the same labelled rows.

    Each replicate draws linked groups of patients (else patients, else cells) within their class, the same ones for
    both models, and takes the difference of the scores. Its standard deviation s over the replicates gives the
    interval, difference +- t s, and p, of difference / s under Student's t, with the degrees of freedom of
    ``evaluate``'s intervals.

    Args:
        first: The first model's predictions.
        second: The second's, of the same rows in any order.
        score: A score of ``evaluate`` but the calibration error: ``roc_auc``, ``balanced_accuracy``, ``brier``, ...
        thresholds: The operating threshold of each; see ``evaluate``.
        level: The coverage that the interval aims at, between 0 and 1.
        replicates: How many resamples, 100 or more.
        seed: The seed of the resamples.

    Raises:
        SettingsError: an unknown score, or a number that makes no sense here.
        DataError: other rows, labels, patients or classes; a row that stands twice; a score that is not defined.
    """
    how = Resampling(level, replicates, seed)
    _check(first, score, replicates)
    sides = [Tallies(material_of(side, cut)) for side, cut in zip(aligned(first, second), thresholds, strict=True)]
    return _difference(sides, score, how)


def _check(first: Predictions, score: str, replicates: int) -> None:
    known = [name for name in names_for(binary=first.classes.binary) if name != "ece"]
    if score not in known:
        raise SettingsError(f"Two models cannot be compared by {score!r}.", do=nearest(score, known))
    if not replicates:
        raise SettingsError("A paired comparison needs resamples.", do="Ask for 100 or more.")


def _difference(sides: list[Tallies], score: str, how: Resampling) -> PairedDifference:
    one, other = (_value(side, score) for side in sides)
    key: Key = (None, score)
    narrowed = partial(less_pairs, first=sides[0], second=sides[1]) if key == AREA else None
    lowest, highest = value_range(score, binary=sides[0].material.classes.binary)
    drawn, most = _drawn(sides, key, how), highest - lowest
    low, high, p = interval_of(drawn, one - other, sides[0].material, how, most=most, narrowed=narrowed)
    units = sides[0].material.units
    return PairedDifference(
        score=score,
        first=one,
        second=other,
        difference=one - other,
        low=low,
        high=high,
        p=p,
        level=how.level,
        unit=units.kind,
        clusters=units.number,
        replicates=how.replicates,
        seed=how.seed,
    )


def aligned(first: Predictions, second: Predictions) -> tuple[Predictions, Predictions]:
    """Return both with the rows in one order and with the same patients and groups.

    Args:
        first: The first model's predictions.
        second: The second's, of the same rows in any order.

    Raises:
        DataError: other rows, labels, patients or classes; a row that stands twice.
    """
    if _kind(first) != _kind(second):
        raise DataError(
            f"These predictions are of other classes or units: {first!r} and {second!r}.",
            do="Compare models of one task.",
        )
    tables = [side.table.sort("id") for side in (first, second)]
    for table in tables:
        again = table.filter(~pl.col("id").is_first_distinct())
        if again.height:
            raise DataError(
                f"The id {again['id'][0]!r} stands twice.", more=again.height - 1, where="predictions", do=SAME
            )
    _refuse_strangers(tables[0]["id"], tables[1]["id"])
    for column in ("label", "patient", "group"):
        _refuse_unequal(tables[0], tables[1], column)
    shared = [pl.coalesce(tables[0][name], tables[1][name]).alias(name) for name in ("patient", "group")]
    return tuple(  # type: ignore[return-value]
        Predictions(table.with_columns(shared), first.classes, first.unit) for table in tables
    )


def _kind(side: Predictions) -> tuple[object, ...]:
    return side.classes.names, side.classes.positive, side.unit


def _refuse_strangers(first: pl.Series, second: pl.Series) -> None:
    for side, other, name in ((first, second, "second"), (second, first, "first")):
        alone = side.filter(~side.is_in(other.implode()))
        if len(alone):
            raise DataError(
                f"The {name} model has no prediction for {alone[0]!r}.",
                where=f"id {alone[0]}",
                more=len(alone) - 1,
                do=SAME,
            )


def _refuse_unequal(first: pl.DataFrame, second: pl.DataFrame, column: str) -> None:
    # A label that one side lacks makes other rows; a patient or group that one side lacks is the other's.
    differ = first[column].ne_missing(second[column])
    if column != "label":
        differ &= first[column].is_not_null() & second[column].is_not_null()
    found = differ.arg_true()
    if len(found):
        at = found[0]
        raise DataError(
            f"The {column} is {first[column][at]!r} in the first predictions and {second[column][at]!r} in the second.",
            where=f"id {first['id'][at]}",
            more=len(found) - 1,
            do=SAME,
        )


def _value(side: Tallies, score: str) -> float:
    value = plain_scores(side)[None, score]
    if math.isnan(value):
        needs = "; it needs probabilities" if score in (*PROBABILISTIC, "roc_auc", "pr_auc") else ""
        raise DataError(
            f"The {TITLES[score]} is not defined on {counted(len(side.material.truth), 'row')} of these "
            f"predictions{needs}.",
            do="Give labelled rows of every class.",
        )
    return value


def interval_of(
    drawn: Floats,
    difference: float,
    material: Material,
    how: Resampling,
    *,
    most: float,
    narrowed: Callable[[float], float] | None = None,
) -> tuple[float | None, float | None, float | None]:
    """Return low, high and p of a difference, from what it is in each resample; see ``compare_pair``.

    Args:
        drawn: The difference in each replicate, (r,) float64, NaN where it is not defined.
        difference: That of the rows as they are.
        material: The rows of either model, with their units.
        how: How the replicates were drawn.
        most: How far apart the two values can be at the most, where the interval ends.
        narrowed: What makes a better standard deviation of that of the replicates; None to take it as it is.

    Returns:
        No bounds where every replicate gives the same difference; p is then 1 where it is 0, else None.
    """
    centred = np.nan_to_num(drawn - np.nanmean(drawn))
    variance = np.array([(centred**2).sum() / max(np.isfinite(drawn).sum() - 1, 1)])
    spread = float(np.sqrt(variance[0]))
    if spread < TINY:
        return None, None, 1.0 if abs(difference) < TINY else None
    spread = spread if narrowed is None else narrowed(spread)
    freedom = float(freedom_of(material, centred[None], variance, how.seed)[0])
    reach = float(stats.t.ppf((1 + how.level) / 2, freedom)) * spread
    p = float(2 * stats.t.sf(abs(difference) / spread, freedom))
    return max(difference - reach, -most), min(difference + reach, most), p


def _drawn(sides: list[Tallies], key: Key, how: Resampling) -> Floats:
    material, blocks = sides[0].material, []
    for weights in replicate_weights(material.units, material.holding, how.replicates, how.seed):
        one, other = (side.scores(weights)[key] for side in sides)
        blocks.append(one - other)
    return np.concatenate(blocks)
