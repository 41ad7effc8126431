"""Checks of what is given as a reader's options, so that a slip is named and not met later as a traceback."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, nearest

NEGATIVES = ("normal", "healthy", "benign", "negative", "control", "reactive", "hem")


def names(value: object, option: str) -> tuple[str, ...] | None:
    """Return a list of names as a tuple; ``"hem, all"`` serves too, None stays None.

    Raises:
        SettingsError: it is no list of text, or a name is empty.
    """
    if value is None:
        return None
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, Iterable) or isinstance(items, Mapping):
        raise SettingsError(f"The option {option} must be a list of names; got {value!r}.")
    found = tuple(str(item).strip() for item in items)
    if not found or not all(found):
        raise SettingsError(f"The option {option} must be a list of names; got {value!r}.")
    return found


def choice(value: object, option: str, known: tuple[str, ...]) -> str | None:
    """Return one of the known words; None stays None.

    Raises:
        SettingsError: it is another word.
    """
    if value is None or value in known:
        return value and str(value)
    raise SettingsError(
        f"The option {option} must be one of {', '.join(known)}; got {value!r}.", do=nearest(str(value), known)
    )


def mapping(value: object, option: str, known: Iterable[str] | None = None) -> dict[str, str]:
    """Return which of our columns is called what in the table; None is the empty mapping.

    Args:
        value: Our name to theirs, ``{"label": "class"}``.
        option: The option's name.
        known: Our names; any where None.

    Raises:
        SettingsError: it is no mapping of text, or names a column that we do not have.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SettingsError(f"The option {option} must be a mapping from our names to the table's; got {value!r}.")
    for ours in value:
        if known is not None and ours not in known:
            raise SettingsError(f"The option {option} has no column {ours!r}.", do=nearest(str(ours), known))
    return {str(ours): str(theirs) for ours, theirs in value.items()}


def beside(value: object, folder: Path, option: str) -> Path:
    """Return the path that an option names, relative to ``folder`` first, to the working folder otherwise.

    Raises:
        SettingsError: it is no path.
        DataError: there is nothing at either place.
    """
    if not isinstance(value, str | Path):
        raise SettingsError(f"The option {option} must be a path; got {value!r}.")
    for found in (folder / Path(value).expanduser(), Path(value).expanduser()):
        if found.exists():
            return found
    raise DataError(f"The option {option} names what is not there.", where=str(folder / value), do="Check the path.")


def classes_of(
    found: Iterable[str], order: tuple[str, ...] | None, positive: object, where: Path
) -> tuple[Classes, list[str]]:
    """Return the classes, and the notes on what was guessed of them.

    Args:
        found: The labels that stand in the data.
        order: The names in the order that was asked for; sorted ones where None.
        positive: The positive class that was asked for. Where None, the one of two that is not a word for normal;
            otherwise the second.
        where: The folder or table, for errors.

    Raises:
        DataError: fewer than two classes, or two that differ only in case.
        SettingsError: a wrong positive class.
    """
    labels = order or tuple(sorted(set(found), key=lambda name: (name.casefold(), name)))
    _refuse_few(labels, where)
    if order is None:
        _refuse_case(labels, where)
    if positive is not None:
        return Classes(labels, positive=str(positive)), _order_note(labels, order)
    guess = _guess_positive(labels)
    notes = _order_note(labels, order)
    if guess is not None:
        notes.append(f"Taken as the positive class: {guess} (option positive).")
    return Classes(labels, positive=guess), notes


def _order_note(labels: tuple[str, ...], order: tuple[str, ...] | None) -> list[str]:
    return [] if order else [f"Classes in alphabetical order: {', '.join(labels)} (option classes)."]


def _guess_positive(labels: tuple[str, ...]) -> str | None:
    if len(labels) != 2:  # noqa: PLR2004 - a pair
        return None
    diseased = [name for name in labels if name.casefold() not in NEGATIVES]
    return diseased[0] if len(diseased) == 1 else labels[1]


def _refuse_few(labels: tuple[str, ...], where: Path) -> None:
    if len(labels) < 2:  # noqa: PLR2004 - a pair
        raise DataError(
            f"At least two classes are needed to tell cells apart; found: {', '.join(labels) or 'none'}.",
            where=str(where),
            do="Name them all with the option classes if some have no cells here.",
        )


def _refuse_case(labels: tuple[str, ...], where: Path) -> None:
    for before, after in itertools.pairwise(labels):
        if before.casefold() == after.casefold():
            raise DataError(
                f"The classes {before!r} and {after!r} differ in case only.",
                where=str(where),
                do="Write them alike, or name the classes with the option classes if they are two.",
            )
