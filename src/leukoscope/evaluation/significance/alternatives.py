"""What a test is asked: whether two sides differ, or whether the first is the higher or the lower one."""

from __future__ import annotations

from typing import Literal, get_args

from leukoscope.errors import SettingsError, nearest

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)


def check_alternative(alternative: str) -> None:
    """Refuse a question that no test answers.

    Args:
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less`` (the first is lower).

    Raises:
        SettingsError: another word.
    """
    if alternative not in ALTERNATIVES:
        raise SettingsError(
            f"A test cannot be asked for the alternative {alternative!r}.", do=nearest(alternative, ALTERNATIVES)
        )


def p_of_tails(lower: float, upper: float, alternative: Alternative) -> float:
    """Return the p value of a statistic from the two tails of its distribution where there is no difference.

    Args:
        lower: The probability of the statistic found or a lower one, 0 to 1.
        upper: That of the statistic found or a higher one, 0 to 1.
        alternative: ``two-sided`` doubles the smaller tail, at most 1.

    Example:
        >>> p_of_tails(0.99, 0.02, "two-sided"), p_of_tails(0.99, 0.02, "greater"), p_of_tails(0.99, 0.02, "less")
        (0.04, 0.02, 0.99)
    """
    found = {"less": lower, "greater": upper, "two-sided": 2 * min(lower, upper)}[alternative]
    return min(1.0, found)


def sidedness(alternative: Alternative) -> int:
    """Return by how much the question multiplies a single tail: 2 where it is two-sided, else 1."""
    return 2 if alternative == "two-sided" else 1
