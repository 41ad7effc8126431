from __future__ import annotations

from typing import Any

import pytest

from leukoscope.models.seals import broken_seals, seals_of

FIELDS: dict[str, Any] = {"name": "first", "classes": ["a", "b"], "threshold": None}


def sealed(**changes: Any) -> dict[str, Any]:
    return {**FIELDS, **changes, "seals": seals_of(FIELDS)}


def test_fields_as_they_were_sealed_are_whole_whatever_their_order() -> None:
    assert broken_seals(sealed()) == []
    assert broken_seals(dict(reversed(sealed().items()))) == []
    assert seals_of(sealed()) == seals_of(FIELDS)


def test_what_was_changed_added_or_lost_is_named() -> None:
    assert broken_seals(sealed(classes=["b", "a"])) == ["classes"]
    assert broken_seals(sealed(leakage=None)) == ["leakage"]
    lost = sealed()
    del lost["threshold"]
    assert broken_seals(lost) == ["threshold"]


@pytest.mark.parametrize("seals", [None, [], {}])
def test_without_seals_nothing_is_whole(seals: object) -> None:
    assert broken_seals(FIELDS | {"seals": seals}) == ["name", "classes", "threshold"]
