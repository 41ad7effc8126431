"""Which settings of a recipe a kind of split takes: one that says nothing to it is refused, not passed over."""

from __future__ import annotations

from collections.abc import Collection

from leukoscope.cohort.splits import SPLITTERS, settings_of
from leukoscope.cohort.splits.folds import ASK_FOR_INNER, NO_INNER
from leukoscope.errors import SettingsError

OF_EVERY_KIND = frozenset({"kind", "on_twins"})
AS_IN_RECIPES = {"path": "file"}


def refuse_untaken(kind: str, named: Collection[str]) -> None:
    """Refuse settings that mean nothing to a kind of split.

    Args:
        kind: As in ``make_split``.
        named: The settings that were said, by their names in a recipe's ``split``.

    Raises:
        SettingsError: there is no such kind, it does not take one of them, or an inner fold is named where there are
            no inner folds.

    Example:
        >>> refuse_untaken("folds", ["folds", "inner", "inner_fold"])
    """
    known = _taken_by(kind)
    for name in named:
        if name not in known:
            others = [other for other in SPLITTERS if name in _taken_by(other)]
            takers = f"It belongs to the kind {' or '.join(others)}. " if others else ""
            raise SettingsError(
                f"A split of the kind {kind!r} has no setting {name!r}.",
                where=f"split.{name}",
                do=f"{takers}Settings of {kind}: {', '.join(sorted(known - {'kind'}))}.",
            )
    if "inner_fold" in named and "inner" not in named:
        raise SettingsError(NO_INNER, where="split.inner_fold", do=ASK_FOR_INNER)


def _taken_by(kind: str) -> frozenset[str]:
    return OF_EVERY_KIND | {AS_IN_RECIPES.get(name, name) for name in settings_of(kind)}
