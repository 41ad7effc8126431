"""How likely chance alone tells a class so well: a test on linked groups, which few patients do not make useless.

An interval says little of an AUC near 1 with a dozen patients; whether their ranks could come out so by luck can still
be said. Each linked group counts once, however many cells it has.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import mannwhitneyu, wilcoxon

EXACT = 20  # groups of either side up to which all orders are counted


def chance_of(groups: pl.Series, scores: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> float:
    """Return the one-sided p value of a score that should be higher in the class.

    Two tests, as far as there are groups for them. Between groups: Mann and Whitney's rank-sum test (1947) on group
    means, of the class's cells in groups that have any, of the other cells in groups that have none. Within groups
    that have both: Wilcoxon's signed-rank test (1945) on the differences of the two means. The smaller p value is told,
    doubled where both were made (Bonferroni), since they look at some of the same cells.

    Args:
        groups: The linked group of each row, n rows.
        scores: Out of fold, (n,): learnt on other groups, so that its direction is not chosen here.
        truth: Whether the row is of the class, (n,).

    Returns:
        0 to 1; 1 where no test can be made.

    Example:
        >>> groups = pl.Series([f"p{number:02d}" for number in range(12)])
        >>> round(chance_of(groups, np.arange(12.0), np.arange(12) > 5) * 924, 6)
        1.0
    """
    rows = pl.DataFrame({"group": groups, "score": scores, "truth": truth})
    each = rows.group_by("group").agg(
        of_class=pl.col("score").filter(pl.col("truth")).mean(), other=pl.col("score").filter(~pl.col("truth")).mean()
    )
    both = each.drop_nulls()
    found = [
        _between(
            each["of_class"].drop_nulls().to_numpy(), each.filter(pl.col("of_class").is_null())["other"].to_numpy()
        ),
        _within((both["of_class"] - both["other"]).to_numpy()),
    ]
    made = [value for value in found if value is not None]
    return min(1.0, min(made, default=1.0) * max(len(made), 1))


def _between(of_class: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> float | None:
    if not len(of_class) or not len(others):
        return None
    if max(len(of_class), len(others)) <= EXACT:
        return float(mannwhitneyu(of_class, others, alternative="greater", method="exact").pvalue)
    return float(mannwhitneyu(of_class, others, alternative="greater", method="asymptotic").pvalue)


def _within(differences: npt.NDArray[np.float64]) -> float | None:
    differing = differences[differences != 0]
    if not len(differing):
        return None
    return float(wilcoxon(differing, alternative="greater").pvalue)
