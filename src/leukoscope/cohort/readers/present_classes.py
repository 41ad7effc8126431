"""Which of a data set's classes have cells here: a part of a data set can then be trained on."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.classes import Classes

FEWEST = 2  # classes that can be told apart


def present(cells: pl.DataFrame, every: Classes) -> Classes:
    """Return the classes that have usable cells.

    Args:
        cells: The cells; ``label`` is null for those that cannot be used.
        every: All classes of the data set.

    Returns:
        Those with cells, in their order; all where fewer than two have any.

    Example:
        >>> cells = pl.DataFrame({"label": ["b", "c", None]})
        >>> present(cells, Classes(("a", "b", "c"))).names
        ('b', 'c')
    """
    found = [name for name in every.names if name in cells["label"]]
    if len(found) < FEWEST:
        return every
    return Classes(tuple(found), tuple(every.title(name) for name in found))


def absent_note(cells: pl.DataFrame, every: Classes, classes: Classes) -> list[str]:
    """Return the note on classes without usable cells; none where each has some.

    Args:
        cells: The cells; ``label`` is null for those that cannot be used.
        every: All classes of the data set.
        classes: Those of the cohort.
    """
    absent = [name for name in every.names if name not in cells["label"]]
    if not absent:
        return []
    told = "" if classes == every else f" The classes of this cohort: {', '.join(classes.names)}."
    return [f"No pictures here of: {', '.join(absent)}.{told}"]
