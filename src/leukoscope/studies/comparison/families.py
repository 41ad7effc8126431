"""Families of tests, and Holm's correction within each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.evaluation.significance import holm
from leukoscope.reports.comparison_words import TESTS, kind_of_test
from leukoscope.studies.comparison.rows import Row


def with_families(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their family and p after Holm's correction.

    One kind of test makes one family, with all its scores, sides and pairs of runs: whoever looks at the smallest p of
    them has looked at them all. Kinds of tests are families of their own, since they ask different questions or are
    alternatives of which one is decided on beforehand.

    Args:
        rows: Rows of ``comparison_tables.TABLE``, refused ones too; these are in no family.
    """
    found = [row | {"family": family_of(row)} for row in rows]
    for family in TESTS:
        own = [place for place, row in enumerate(found) if row["family"] == family]
        # A test without a floor may come out as small as one likes. Holm's p never falls as another p rises, so that of
        # the floors is the smallest that can be reached.
        floors = [found[place].get("smallest_p") for place in own]
        corrected = holm([found[place]["p"] for place in own])
        lowest = holm([floor or 0.0 for floor in floors])
        for place, p, floor, low in zip(own, corrected, floors, lowest, strict=True):
            reach = None if floor is None else low
            found[place] |= {"p_holm": p, "smallest_p_holm": reach, "family_tests": len(own)}
    return found


def family_of(row: Row) -> str | None:
    """Return the family of a test; None where it was refused, or has no p.

    Example:
        >>> family_of({"test": "mcnemar", "unit": "cell", "p": 0.5}), family_of({"test": "delong", "p": None})
        ('mcnemar_cells', None)
    """
    if row.get("refused") is not None or row.get("p") is None:
        return None
    return kind_of_test(row)


def families_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return each family that has tests: its name, title, number of tests, and the smallest p that it can reach.

    Args:
        rows: What ``with_families`` returned.

    Returns:
        ``family``, ``title``, ``tests``, ``smallest_p`` (of a single test) and ``smallest_p_holm`` (of the smallest
        after the correction); the last two None where p has no floor.
    """
    found = []
    for family, title in TESTS.items():
        own = [row for row in rows if row["family"] == family]
        floors = {name: _smallest(own, name) for name in ("smallest_p", "smallest_p_holm")}
        found += [{"family": family, "title": title, "tests": len(own), **floors}] if own else []
    return found


def _smallest(rows: Sequence[Row], name: str) -> float | None:
    return min((row[name] for row in rows if row.get(name) is not None), default=None)
