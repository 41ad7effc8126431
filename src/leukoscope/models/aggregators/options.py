"""Checking the options of aggregators, with errors that say what was wanted and what was got."""

from __future__ import annotations

import math

from leukoscope.errors import SettingsError


def whole(owner: str, option: str, value: object, least: int = 1) -> int:
    """Return an option that must be a whole number.

    Args:
        owner: The aggregator's name in recipes.
        option: The option's name.
        value: What was given.
        least: The smallest number that makes sense.

    Raises:
        SettingsError: it is none, or too small.

    Example:
        >>> whole("top_k", "k", 10)
        10
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise _refused(owner, option, f"a whole number, {least} or more", value)
    return value


def positive(owner: str, option: str, value: object, most: float = math.inf) -> float:
    """Return an option that must be a number above 0 and not above ``most``.

    Raises:
        SettingsError: it is none, or out of range.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value <= most
        or not math.isfinite(value)
    ):
        wanted = "a number above 0" if most == math.inf else f"a number above 0 and at most {most:g}"
        raise _refused(owner, option, wanted, value)
    return float(value)


def _refused(owner: str, option: str, wanted: str, value: object) -> SettingsError:
    return SettingsError(
        f"The {option!r} parameter of {owner} must be {wanted}. Got {value!r}.", where=f"bag.aggregator.{owner}"
    )
