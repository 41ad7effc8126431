"""Many tests at once: p values that keep the chance of a single false alarm among all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leukoscope.errors import DataError


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p values of one family of tests by Holm's step-down method.

    Holm (1979, Scandinavian Journal of Statistics 6:65): the k-th smallest of n is multiplied by n - k + 1, and is
    never below that of a smaller one. Where none of the tests has anything to find, the chance that any corrected p
    lies at or below 0.05 is at most 5 %, however the tests depend on one another; it never finds less than
    Bonferroni's n p.

    Args:
        p_values: The p values of the family, n of them, 0 to 1; none is allowed.

    Returns:
        The corrected ones in the order given, each at least the one it came from and at most 1.

    Raises:
        DataError: a value that is not between 0 and 1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=np.float64).reshape(-1)
    wrong = np.flatnonzero(~((given >= 0) & (given <= 1)))
    if len(wrong):
        raise DataError(
            f"A p value lies between 0 and 1; this one is {given[wrong[0]]}.",
            where=f"value {wrong[0] + 1} of {len(given)}",
            more=len(wrong) - 1,
            do="Leave out the tests that could not be made.",
        )
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(stepped, 1)
    return corrected.tolist()
