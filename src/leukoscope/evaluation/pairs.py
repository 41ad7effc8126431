"""The part of a ROC AUC's variance that belongs to single pairs of patients, which resampling counts three times."""

from __future__ import annotations

import numpy as np

from leukoscope.evaluation.tallies import Tallies
from leukoscope.evaluation.units import Floats


def less_pairs(spread: float, first: Tallies, second: Tallies) -> float:
    """Return the standard deviation of a difference of two ROC AUCs, without what resampling counts too often.

    The difference is a mean over pairs of a positive and a negative unit, E_ab = mu + row_a + column_b + pair_ab. Its
    variance holds V = var(pair) / (m n) once. The bootstrap adds it thrice: once as itself, and once in the variance of
    each side's means (as DeLong's components do twice). For one model it is small beside the rows and columns; for the
    difference of two like models it is most of what there is, and a test that leaves it in rejects in 1 of 100 instead
    of 5. So 2 V is taken off, V estimated from the doubly centred E (two-way analysis of variance without replicates).
    Measured over 6,000 drawn cohorts of 20 to 40 patients and two like models: 1.19 to 1.56 times the true variance
    before, 0.95 to 1.00 times after. Units of unequal size enter as they enter the ratio: E_ab less the difference
    times their pairs.

    Args:
        spread: The bootstrap's standard deviation of the difference.
        first: The first model's tallies.
        second: The second's, on the same rows.

    Returns:
        The corrected one, between the square root of V and ``spread``; ``spread`` itself where a unit holds both
        classes, a class has a single unit, or there are too many units for the win matrices.
    """
    wins, material = _difference(first, second), first.material
    both = material.holding.all(axis=0).any()
    if wins is None or both or material.holders.min() < 2 or material.positive is None:  # noqa: PLR2004 - a variance
        return spread
    rows, columns = material.holding[material.positive], material.holding[1 - material.positive]
    size = material.units.size.astype(np.float64)
    pairs = np.outer(size[rows], size[columns])
    own = wins[np.ix_(rows, columns)]
    apart = own - own.sum() / pairs.sum() * pairs
    apart = apart - apart.mean(axis=0) - apart.mean(axis=1)[:, None] + apart.mean()
    m, n = apart.shape
    single = (apart**2).sum() / ((m - 1) * (n - 1)) * m * n / pairs.sum() ** 2
    return float(np.sqrt(min(max(spread**2 - 2 * single, single), spread**2)))


def _difference(first: Tallies, second: Tallies) -> Floats | None:
    one, other = (side.wins() for side in (first, second))
    return None if one is None or other is None else one - other
