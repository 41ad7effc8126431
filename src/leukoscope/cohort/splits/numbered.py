"""One split of several: its number, and what is said of a number that there is not."""

from __future__ import annotations

from leukoscope.errors import SettingsError


def one_of(name: str, number: int, setting: str, of: int, *, least: int = 1) -> int:
    """Return a number that is one of so many, counted from 0.

    Args:
        name: The setting that says which: ``fold``.
        number: Its value.
        setting: The setting that says how many: ``folds``.
        of: Its value.
        least: The smallest value of ``of`` that makes sense.

    Raises:
        SettingsError: there are too few, or not that one.
    """
    if of < least:
        raise SettingsError(f"The setting {setting!r} must be {least} or more; got {of}.", where=f"split.{setting}")
    if not 0 <= number < of:
        known = f"0 to {of - 1}" if of > 1 else "only number 0"
        raise SettingsError(f"There is no {name} {number}: there are {of}, {known}.", where=f"split.{name}")
    return number
