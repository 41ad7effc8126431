"""Values of settings that count for all runs of a study, or, written ``RECIPE:name``, for those of one recipe."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

MARK = ":"


def setting_of(name: str) -> str:
    """Return a name without the recipe that it is for.

    Example:
        >>> setting_of("quick:stages.0.rates"), setting_of("stages.0.rates")
        ('stages.0.rates', 'stages.0.rates')
    """
    return name.rpartition(MARK)[2]


def combinations(values: Mapping[str, Sequence[Any]], recipe: str) -> list[dict[str, Any]]:
    """Return every combination of the values that count for one recipe; none where nothing counts for it.

    Args:
        values: Values by dotted name, each for all recipes or for one; the one's count before those of all.
        recipe: The recipe's name or file, as the grid has it.

    Example:
        >>> combinations({"a": [1, 2], "quick:b": [3]}, "quick")
        [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
        >>> combinations({"quick:b": [3]}, "drawn")
        []
    """
    general = {name: several for name, several in values.items() if MARK not in name}
    own = {setting_of(name): several for name, several in values.items() if name.rpartition(MARK)[0] == recipe}
    counting = {**general, **own}
    if not counting:
        return []
    return [dict(zip(counting, several, strict=True)) for several in itertools.product(*counting.values())]
