"""What the runs of a study are called where something is said of all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def over_words(record: Mapping[str, Any]) -> str:
    """Return over what a study's means and deviations are.

    Args:
        record: ``study.json``.

    Example:
        >>> over_words({"seeds": [0, 1]}), over_words({"seeds": [0], "folds": 5})
        ('runs', 'folds')
        >>> over_words({"seeds": [0, 1], "folds": 5})
        'folds of all seeds'
    """
    if not record.get("folds"):
        return "runs"
    return "folds" if len(record["seeds"]) == 1 else "folds of all seeds"
