"""Splits: cells divided into train, validation and test so that what belongs together stays together."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.check import check_split
from leukoscope.cohort.splits.from_file import from_file
from leukoscope.cohort.splits.holdout import holdout
from leukoscope.cohort.splits.official import official, places_at_hand
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.errors import SettingsError, nearest

__all__ = [
    "PARTS",
    "SPLITTERS",
    "Split",
    "check_split",
    "from_file",
    "holdout",
    "make_split",
    "official",
    "places_at_hand",
]

SPLITTERS: dict[str, Callable[..., Split]] = {
    "holdout": holdout,
    "official": official,
    "file": from_file,
}


def make_split(
    kind: str,
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    allow_leakage: str | None = None,
    **settings: Any,  # noqa: ANN401 - each kind has its own
) -> Split:
    """Divide a cohort and check what came out: the way to a split for everybody.

    Args:
        kind: ``holdout``, ``official`` or ``file``.
        cohort: The cohort.
        groups: Its linked groups.
        allow_leakage: Why a leak must be allowed; None refuses every leak.
        **settings: What the kind takes: see ``holdout``, ``official``, ``from_file``.

    Returns:
        The split with its statement and warnings.

    Raises:
        SettingsError: there is no such kind or setting, or a setting is missing or out of range.
        LeakageError: see ``check_split``.
        DataError: see ``check_split``.
    """
    if kind not in SPLITTERS:
        raise SettingsError(f"There is no split {kind!r}.", where="split.kind", do=nearest(kind, SPLITTERS))
    _refuse_settings(kind, settings)
    split = SPLITTERS[kind](cohort, groups, **settings)
    return check_split(split, cohort, groups, allow_leakage=allow_leakage)


def _refuse_settings(kind: str, settings: dict[str, Any]) -> None:
    parameters = inspect.signature(SPLITTERS[kind]).parameters.values()
    known = {parameter.name: parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    for name in settings:
        if name not in known:
            raise SettingsError(f"A split of the kind {kind!r} has no setting {name!r}.", do=nearest(name, known))
    needed = [name for name, parameter in known.items() if parameter.default is parameter.empty]
    for name in needed:
        if name not in settings:
            raise SettingsError(f"A split of the kind {kind!r} needs the setting {name!r}.", where=f"split.{name}")
