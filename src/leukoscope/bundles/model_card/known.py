"""What stands in a bundle's ``bundle.json``, where it stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Fields = Mapping[str, Any]
"""All of a ``bundle.json``, of any kind and of any earlier version."""


def at(fields: Any, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value by its path; None where it is not there.

    Example:
        >>> at({"about": {"seed": 3}}, "about", "seed"), at({}, "about", "seed")
        (3, None)
    """
    for name in path:
        if not isinstance(fields, Mapping):
            return None
        fields = fields.get(name)
    return fields


def of_patients(fields: Fields) -> bool:
    """Whether the bundle diagnoses patients, rather than naming cells."""
    return bool(fields.get("task") == "patients")


def title_of(fields: Fields, name: str) -> str:
    """Return a class as people know it, with its name.

    Example:
        >>> title_of({"classes": {"names": ["hem"], "titles": ["normal cell"]}}, "hem")
        'normal cell (hem)'
    """
    titles = dict(zip(at(fields, "classes", "names") or (), at(fields, "classes", "titles") or (), strict=False))
    title = titles.get(name, name)
    return title if title in (name, "") else f"{title} ({name})"


def joined(parts: Iterable[str | None], between: str = "; ") -> str | None:
    """Return what is known of several things in one line; None where nothing is."""
    return between.join(part for part in parts if part) or None


def settings_words(value: object) -> str:
    """Return settings as they would be written, in one line.

    Example:
        >>> settings_words([{"center_crop": 48}, {"resize": 32}]), settings_words({"others": 0.1})
        ('center_crop 48, resize 32', 'others 0.1')
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {settings_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(settings_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
