"""Names of variants and run folders: readable, stable, and fit for every file system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

UNFIT = re.compile(r"[^A-Za-z0-9._=+,-]+")
HYPHENS = re.compile(r"-*([,-])-*")
LONGEST = 100
NOT_GIVEN = {"bag.cells": "all"}
"""What it means that a setting has no value, where that is not nothing."""


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return the shortest endings that tell dotted names apart.

    Example:
        >>> short_names(["bag.aggregator", "split.seed", "seed"])
        {'bag.aggregator': 'aggregator', 'split.seed': 'split.seed', 'seed': 'seed'}
    """
    endings = {name: [".".join(name.split(".")[-kept:]) for kept in range(1, name.count(".") + 2)] for name in names}
    times = [ending for several in endings.values() for ending in several]
    return {
        name: next((ending for ending in several if times.count(ending) == 1), name)
        for name, several in endings.items()
    }


def value_words(value: Any) -> str:  # noqa: ANN401 - any YAML value
    """Return a setting's value as people write it.

    Example:
        >>> value_words({"top_k": {"k": 10}}), value_words(None), value_words(0.1)
        ('top_k(k=10)', 'none', '0.1')
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, Mapping):
        return ", ".join(_pair(str(name), inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "+".join(value_words(inner) for inner in value)
    return str(value)


def setting_words(name: str, value: Any) -> str:  # noqa: ANN401 - any YAML value
    """Return a value in words, where no value means something for this setting.

    Example:
        >>> setting_words("bag.cells", None), setting_words("model.cut", None), setting_words("bag.cells", 5)
        ('all', 'none', '5')
    """
    return NOT_GIVEN.get(name, "none") if value is None else value_words(value)


def variant_words(changes: Mapping[str, Any], short: Mapping[str, str]) -> str:
    """Return what makes a variant, in words; empty where nothing varies.

    Args:
        changes: Dotted name to value.
        short: The names' short forms.

    Example:
        >>> variant_words({"bag.aggregator": "max", "bag.cells": 5}, {"bag.aggregator": "aggregator", "bag.cells": "n"})
        'aggregator=max, n=5'
    """
    return ", ".join(f"{short[name]}={setting_words(name, value)}" for name, value in changes.items())


def folder_names(titles: Iterable[str]) -> list[str]:
    """Return a folder's name for each title, no two the same, also where capitals do not count.

    Example:
        >>> folder_names(["aggregator=top_k(k=10)-seed0", "rates=1e-3", "Rates=1e-3"])
        ['aggregator=top_k-k=10-seed0', 'rates=1e-3', 'Rates=1e-3~2']
    """
    names: list[str] = []
    taken: set[str] = set()
    for title in titles:
        fit = HYPHENS.sub(r"\1", UNFIT.sub("-", title)).strip("-.")[:LONGEST] or "variant"
        name, number = fit, 2
        while name.lower() in taken:
            name, number = f"{fit}~{number}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _pair(name: str, inner: Any) -> str:  # noqa: ANN401 - any YAML value
    return f"{name}({value_words(inner)})" if isinstance(inner, Mapping) else f"{name}={value_words(inner)}"
