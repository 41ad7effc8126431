"""Public data sets that hold the same pictures in another form, so that no digest of a file tells."""

from __future__ import annotations

from collections.abc import Iterable

MADE_FROM = {"bloodmnist": "pbc"}
"""A data set, by its reader, and the one whose pictures it was made of. BloodMNIST: PBC's, cut to their centre and
resized to 28, 64, 128 or 224 px (Yang et al. 2023)."""


def others_with_the_pictures_of(names: Iterable[str | None]) -> tuple[str, ...]:
    """Return the data sets that hold pictures of these in another form; a set is no other form of itself.

    Args:
        names: Data sets by the names of our readers; others, and None, have none.

    Example:
        >>> others_with_the_pictures_of(["pbc", "matek"])
        ('bloodmnist',)
    """
    known = {*MADE_FROM, *MADE_FROM.values()}
    asked = [name for name in names if name in known]
    origins = {MADE_FROM.get(name, name) for name in asked}
    return tuple(sorted(name for name in known - {*asked} if MADE_FROM.get(name, name) in origins))
