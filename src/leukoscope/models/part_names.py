"""Names of parts as recipes write them: single ones, and ranges such as ``layer2..layer4``."""

from __future__ import annotations

from leukoscope.errors import SettingsError, nearest

RANGE = ".."
OTHERS = "others"


def expand(entry: str, known: list[str], where: str) -> list[str]:
    """Return the parts that an entry names.

    Args:
        entry: A part, or a range ``first..last`` that includes both ends.
        known: The network's parts, in order.
        where: The setting, for the errors.

    Raises:
        SettingsError: an unknown part, or a range that runs backwards.

    Example:
        >>> expand("layer2..head", ["stem", "layer1", "layer2", "layer3", "head"], "rates")
        ['layer2', 'layer3', 'head']
    """
    first, range_given, last = entry.partition(RANGE)
    ends = [first, last] if range_given else [first]
    for end in ends:
        if end not in known:
            raise SettingsError(f"The network has no part {end!r}.", where=where, do=nearest(end, known))
    start, stop = known.index(ends[0]), known.index(ends[-1])
    if start > stop:
        raise SettingsError(f"The range {entry!r} runs backwards.", where=where, do=f"Write {last}{RANGE}{first}.")
    return known[start : stop + 1]


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
