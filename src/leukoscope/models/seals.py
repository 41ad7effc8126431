"""Digests of the fields of a JSON file, by which a change is noticed; what bundles and exports are sealed with."""

from __future__ import annotations

import hashlib
import json
from typing import Any

SEALS = "seals"


def seals_of(fields: dict[str, Any]) -> dict[str, str]:
    """Return a digest (16 hexadecimal digits of SHA-256 over canonical JSON) of each field but the seals themselves."""
    return {name: _digest(value) for name, value in fields.items() if name != SEALS}


def broken_seals(fields: dict[str, Any]) -> list[str]:
    """Return the fields that were changed, added or lost since they were sealed.

    Args:
        fields: All fields, the seals among them.

    Example:
        >>> broken_seals({"name": "better", "seals": seals_of({"name": "good"})})
        ['name']
    """
    kept, found = fields[SEALS] if isinstance(fields[SEALS], dict) else {}, seals_of(fields)
    return [name for name in {**kept, **found} if kept.get(name) != found.get(name)]


def _digest(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
