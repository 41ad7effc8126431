"""Splits: cells divided into train, validation and test so that what belongs together stays together."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.check import check_split
from leukoscope.cohort.splits.folds import every_fold, folds
from leukoscope.cohort.splits.from_file import every_of_file, from_file
from leukoscope.cohort.splits.holdout import holdout
from leukoscope.cohort.splits.leave_one_out import every_one_left_out, leave_one_out
from leukoscope.cohort.splits.official import official, places_at_hand
from leukoscope.cohort.splits.on_twins import apply_on_twins
from leukoscope.cohort.splits.repeated import every_repeat, repeated
from leukoscope.cohort.splits.split import PARTS, Split, save_splits
from leukoscope.cohort.splits.telling import told
from leukoscope.errors import SettingsError, nearest

__all__ = [
    "PARTS",
    "SERIES",
    "SPLITTERS",
    "WHICH",
    "Split",
    "apply_on_twins",
    "check_split",
    "folds",
    "from_file",
    "holdout",
    "leave_one_out",
    "make_split",
    "make_splits",
    "official",
    "places_at_hand",
    "repeated",
    "save_splits",
    "settings_of",
    "told",
]

SPLITTERS: dict[str, Callable[..., Split]] = {
    "holdout": holdout,
    "folds": folds,
    "repeated": repeated,
    "leave_one_out": leave_one_out,
    "official": official,
    "file": from_file,
}
SERIES: dict[str, Callable[..., Iterator[Split]]] = {
    "file": every_of_file,
    "folds": every_fold,
    "repeated": every_repeat,
    "leave_one_out": every_one_left_out,
}

WHICH = frozenset({"fold", "inner_fold", "repeat", "patient"})
"""The settings that name one split of several."""


def make_split(
    kind: str,
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    proof: LinkedGroups | None = None,
    allow_leakage: str | None = None,
    **settings: Any,  # noqa: ANN401 - each kind has its own
) -> Split:
    """Divide a cohort and check what came out: the way to a split for everybody.

    Args:
        kind: ``holdout``, ``official``, ``file``, ``folds``, ``repeated`` or ``leave_one_out``.
        cohort: The cohort.
        groups: Its linked groups, by which the parts are drawn.
        proof: The linked groups that must not be parted, where they are not those: see ``apply_on_twins``, ``report``.
        allow_leakage: Why a leak must be allowed; None refuses every leak.
        **settings: What the kind takes: see the function of its name.

    Returns:
        The split with its statement and warnings.

    Raises:
        SettingsError: there is no such kind or setting, or a setting is missing or out of range.
        LeakageError: see ``check_split``.
        DataError: see ``check_split``.
    """
    _refuse_settings(kind, settings)
    split = SPLITTERS[kind](cohort, groups, **settings)
    return check_split(split, cohort, proof or groups, allow_leakage=allow_leakage)


def make_splits(
    kind: str,
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    proof: LinkedGroups | None = None,
    allow_leakage: str | None = None,
    **settings: Any,  # noqa: ANN401 - each kind has its own
) -> tuple[Split, ...]:
    """Make every split of a kind that has several (each fold, each repeat, each patient left out), and check each.

    Args:
        kind: As in ``make_split``; a kind that gives one split gives a tuple of one.
        cohort: As in ``make_split``.
        groups: As in ``make_split``.
        proof: As in ``make_split``.
        allow_leakage: As in ``make_split``.
        **settings: As in ``make_split``, without those that say which one: ``fold``, ``inner_fold``, ``repeat``,
            ``patient``.

    Returns:
        The splits in the order of their numbers. Of folds and of patients left out the test parts together hold every
        cell once that is not for training only.

    Raises:
        LeukoscopeError: see ``make_split``.
    """
    if kind not in SERIES:
        return (make_split(kind, cohort, groups, proof=proof, allow_leakage=allow_leakage, **settings),)
    _refuse_settings(kind, settings, several=True)
    made = SERIES[kind](cohort, groups, **settings)
    return tuple(check_split(split, cohort, proof or groups, allow_leakage=allow_leakage) for split in made)


def settings_of(kind: str, *, several: bool = False) -> dict[str, inspect.Parameter]:
    """Return the settings that a kind of split takes, by name.

    Args:
        kind: As in ``make_split``.
        several: Whether every split of the kind is wanted (``make_splits``).

    Raises:
        SettingsError: there is no such kind.
    """
    if kind not in SPLITTERS:
        raise SettingsError(f"There is no split {kind!r}.", where="split.kind", do=nearest(kind, SPLITTERS))
    splitter: Callable[..., object] = SERIES.get(kind, SPLITTERS[kind]) if several else SPLITTERS[kind]
    parameters = inspect.signature(splitter).parameters.values()
    return {parameter.name: parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def _refuse_settings(kind: str, settings: dict[str, Any], *, several: bool = False) -> None:
    known = settings_of(kind, several=several)
    for name in settings:
        if name not in known:
            raise SettingsError(f"A split of the kind {kind!r} has no setting {name!r}.", do=nearest(name, known))
    needed = [name for name, parameter in known.items() if parameter.default is parameter.empty]
    for name in needed:
        if name not in settings:
            raise SettingsError(f"A split of the kind {kind!r} needs the setting {name!r}.", where=f"split.{name}")
