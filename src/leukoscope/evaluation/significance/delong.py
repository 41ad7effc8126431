"""Two models score the same patients: is one ROC AUC higher than chance would make it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.metrics import roc_auc_score

from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.evaluation.significance.alternatives import Alternative, check_alternative, p_of_tails
from leukoscope.evaluation.units import Floats

TINY = 1e-12
AGREE = 1e-9
GIVE = "Give one label and one score of each model for each patient, in the same order."


@dataclass(frozen=True)
class Delong:
    """Two ROC AUCs on the same patients, and their difference.

    Args:
        first: The first model's ROC AUC, 0 to 1.
        second: The second's.
        difference: First less second.
        variance: The difference's variance.
        first_variance: The first AUC's own.
        second_variance: The second's own.
        low: The interval's lower bound; None where the difference has no variance.
        high: Its upper bound; None likewise.
        p: The probability of a difference at least as far out where both AUCs are equal, 0 to 1; without variance 1
            where there is no difference, else None.
        alternative: The question: ``two-sided``, ``greater`` (the first is higher) or ``less``.
        level: The coverage that the interval aims at; it has two sides whatever the question.
        positives: Patients of the positive class.
        negatives: Patients of the other.
    """

    first: float
    second: float
    difference: float
    variance: float
    first_variance: float
    second_variance: float
    low: float | None
    high: float | None
    p: float | None
    alternative: Alternative
    level: float
    positives: int
    negatives: int


def delong(
    labels: Sequence[bool] | npt.NDArray[np.bool_],
    first_scores: Sequence[float] | Floats,
    second_scores: Sequence[float] | Floats,
    *,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
) -> Delong:
    """Compare two ROC AUCs on the same patients.

    DeLong, DeLong & Clarke-Pearson (1988, Biometrics 44:837), by the midranks of Sun & Xu (2014, IEEE Signal Processing
    Letters 21:1389), which are n log n. The difference over its standard error is taken as normal. Each AUC is checked
    against the area under the ROC curve as scikit-learn draws it.

    Rows must be independent: one row a patient (a linked group), which the caller sees to. On cells p is far too small,
    since cells of one patient are alike; use :func:`leukoscope.evaluation.paired.compare_pair` there.

    Args:
        labels: Whether each patient is of the positive class, (n,) bool; two or more of either class.
        first_scores: The first model's scores, (n,), higher for the positive class, any unit.
        second_scores: The second's, (n,).
        alternative: ``two-sided``, ``greater`` (the first AUC is higher) or ``less``.
        level: The coverage that the interval aims at, between 0 and 1.

    Raises:
        DataError: unequal numbers of rows, a score that is no number, a class with fewer than two patients, or an AUC
            that is not the area under its curve.
        SettingsError: an unknown alternative, or a level that is none.

    Example:
        >>> ill = [True, True, True, False, False, False]
        >>> found = delong(ill, [0.9, 0.8, 0.4, 0.5, 0.2, 0.1], [0.9, 0.3, 0.4, 0.5, 0.2, 0.1])
        >>> print(f"{found.first:.3f} {found.second:.3f} {found.difference:+.3f} p = {found.p:.3f}")
        0.889 0.778 +0.111 p = 0.480
    """
    check_alternative(alternative)
    if not 0 < level < 1:
        raise SettingsError(f"The level of an interval is {level}.", do="Give a share between 0 and 1, such as 0.95.")
    ill, scores = _rows(labels, first_scores, second_scores)
    parts = [_components(side[ill], side[~ill]) for side in scores]
    areas = [float(of_positives.mean()) for of_positives, _ in parts]
    for area, side, name in zip(areas, scores, ("first", "second"), strict=True):
        _check_area(area, float(roc_auc_score(ill, side)), name)
    variances = [_variance(*part) for part in parts]
    apart = _variance(*(one - other for one, other in zip(*parts, strict=True)))
    low, high, p = _inference(areas[0] - areas[1], apart, alternative, level)
    return Delong(
        first=areas[0],
        second=areas[1],
        difference=areas[0] - areas[1],
        variance=apart,
        first_variance=variances[0],
        second_variance=variances[1],
        low=low,
        high=high,
        p=p,
        alternative=alternative,
        level=level,
        positives=int(ill.sum()),
        negatives=int((~ill).sum()),
    )


def _components(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """Return, for each positive, the share of negatives below it, and for each negative that of positives above it."""
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    below = (ranks[: len(positive)] - stats.rankdata(positive)) / len(negative)
    above = 1 - (ranks[len(positive) :] - stats.rankdata(negative)) / len(positive)
    return below, above


def _variance(of_positives: Floats, of_negatives: Floats) -> float:
    """Return the variance of a mean over both classes; of the components' differences, it holds their covariance."""
    return float(of_positives.var(ddof=1) / len(of_positives) + of_negatives.var(ddof=1) / len(of_negatives))


def _inference(
    difference: float, variance: float, alternative: Alternative, level: float
) -> tuple[float | None, float | None, float | None]:
    spread = float(np.sqrt(variance))
    if spread < TINY:
        return None, None, 1.0 if abs(difference) < TINY else None
    reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    tails = float(stats.norm.cdf(difference / spread)), float(stats.norm.sf(difference / spread))
    return difference - reach, difference + reach, p_of_tails(*tails, alternative)


def _check_area(area: float, drawn: float, name: str) -> None:
    if abs(area - drawn) > AGREE:
        raise DataError(
            f"The {name} model's ROC AUC is {area:.9f} by DeLong's ranks, but the area under its curve is {drawn:.9f}.",
            do="Look for scores that differ only in their last digits, and round them.",
        )


def _rows(
    labels: Sequence[bool] | npt.NDArray[np.bool_], *scores: Sequence[float] | Floats
) -> tuple[npt.NDArray[np.bool_], list[Floats]]:
    given = np.asarray(labels).reshape(-1)
    sides = [np.asarray(side, dtype=np.float64).reshape(-1) for side in scores]
    numbers = [len(given), *(len(side) for side in sides)]
    if len(set(numbers)) > 1:
        raise DataError("There are {:,} labels, {:,} first scores and {:,} second ones.".format(*numbers), do=GIVE)
    if not np.isin(given, (0, 1)).all():
        raise DataError("A label must be true (the positive class) or false.", do=GIVE)
    for side, name in zip(sides, ("first", "second"), strict=True):
        _refuse_no_number(side, name)
    ill = given.astype(np.bool_)
    if min(ill.sum(), (~ill).sum()) < 2:  # noqa: PLR2004 - a variance needs two
        raise DataError(
            f"There are {counted(int(ill.sum()), 'patient')} of the positive class and {(~ill).sum():,} of the other.",
            do="DeLong's test needs two or more of each.",
        )
    return ill, sides


def _refuse_no_number(side: Floats, name: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(side))
    if len(wrong):
        raise DataError(
            f"A score of the {name} model is {side[wrong[0]]}.",
            where=f"row {wrong[0] + 1} of {len(side)}",
            more=len(wrong) - 1,
            do=GIVE,
        )
