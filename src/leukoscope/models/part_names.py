"""Names of parts as recipes write them: single ones, ranges such as ``layer2..layer4``, and a stage for its blocks."""

from __future__ import annotations

from leukoscope.errors import SettingsError, nearest

RANGE = ".."
OTHERS = "others"


def ends_of(entry: str) -> list[str]:
    """Return the names that an entry is made of: one, or the two ends of a range."""
    first, range_given, last = entry.partition(RANGE)
    return [first, last] if range_given else [first]


def expand(entry: str, known: list[str], where: str) -> list[str]:
    """Return the parts that an entry names.

    Args:
        entry: A part, or a range ``first..last`` that includes both ends. Where a stage is divided further, its own
            name stands for all of its blocks.
        known: The network's parts, in order.
        where: The setting, for the errors.

    Raises:
        SettingsError: an unknown part, or a range that runs backwards.

    Example:
        >>> expand("layer2..head", ["stem", "layer1", "layer2", "layer3", "head"], "rates")
        ['layer2', 'layer3', 'head']
        >>> expand("layer4", ["layer3", "layer4.0", "layer4.1", "head"], "rates")
        ['layer4.0', 'layer4.1']
    """
    ends = ends_of(entry)
    places = [_places(end, known) for end in ends]
    for end, found in zip(ends, places, strict=True):
        if not found:
            raise SettingsError(f"The network has no part {end!r}.", where=where, do=nearest(end, known))
    start, stop = places[0][0], places[-1][-1]
    if start > stop:
        raise SettingsError(f"The range {entry!r} runs backwards.", where=where, do=f"Write {RANGE.join(ends[::-1])}.")
    return known[start : stop + 1]


def _places(end: str, known: list[str]) -> list[int]:
    return [place for place, part in enumerate(known) if is_within(part, end)]


def is_within(part: str, name: str) -> bool:
    """Return whether a part is that of a name, or a block of it."""
    return part == name or part.startswith(f"{name}.")


def trained_parts(train: str | list[str], known: list[str], where: str = "train") -> list[str]:
    """Return the parts that a stage trains, in the network's order.

    Args:
        train: ``all``, ``head``, or parts and ranges of parts.
        known: The network's parts, in order.
        where: The setting, for the errors.

    Raises:
        SettingsError: an unknown part, or none at all.
    """
    if train == "all":
        return known
    entries = [train] if isinstance(train, str) else train
    named = {part for entry in entries for part in expand(entry, known, where)}
    if not named:
        raise SettingsError("No part would be trained.", where=where, do=f"Name some of: {', '.join(known)}.")
    return [part for part in known if part in named]
