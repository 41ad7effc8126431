"""Named patches of a recipe: the same experiment on a smaller machine, or otherwise, as ``--set patch=small``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leukoscope.errors import SettingsError, nearest

PATCHES, PATCH = "patches", "patch"
# Mappings that are one value, not a group of settings.
WHOLE = ("aggregator", "rates", "loss_weights", "published", "rules", "branches")


def patched(content: Mapping[str, Any], names: Iterable[str], where: str) -> dict[str, Any]:
    """Return a recipe's content with some of its patches laid over it, and without its list of patches.

    Args:
        content: The recipe as YAML gives it; ``patches`` maps a name to settings, as in a recipe.
        names: The patches, in the order in which they are laid.
        where: The recipe's origin, for the message.

    Raises:
        SettingsError: the recipe has no such patch.

    Example:
        >>> patched({"seed": 0, "patches": {"small": {"seed": 3}}}, ["small"], "recipe x")
        {'seed': 3}
    """
    plain = {key: value for key, value in content.items() if key != PATCHES}
    known = content.get(PATCHES) or {}
    for name in names:
        if name not in known:
            do = nearest(str(name), known) if known else "Leave --set patch=... out."
            raise SettingsError(f"This recipe has no patch {name!r}.", where=where, do=do)
        plain = merged(plain, known[name])
    return plain


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings laid over others: groups of settings are merged, anything else replaces.

    Args:
        below: What stands where the other says nothing.
        above: What stands in any case.
    """
    both = {name: (below.get(name), value) for name, value in above.items()}
    laid = {
        name: merged(old, new) if isinstance(old, dict) and isinstance(new, dict) and name not in WHOLE else new
        for name, (old, new) in both.items()
    }
    return {**below, **laid}
