"""What an audit's findings show: pictures side by side, and which of them get thumbnails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from leukoscope.audit import Finding
from leukoscope.reports.thumbnails import LEAST_TURN, smallest_turn

MOST = 400
"""Thumbnails of one audit: every pair that was found in C-NMC's 1,775 cells is on its page, which stays under 5 MB."""
FACTS = ("kind", "correlation", "degrees", "flipped", "beyond", "width", "height", "mode")
MARK = ("left", "top", "right", "bottom")
ENDS = (("id_a", "id_b"), ("id",))

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ShownGroup:
    """Pictures that a finding shows side by side.

    Args:
        finding: The finding's name in the audit's folder.
        number: The group's place among the finding's groups, from 0.
        ids: The pictures.
        facts: What the finding's own rows say of this picture or this pair: some of ``FACTS``, and a box (``MARK``).
        shown_under: The finding before it that shows the same pictures; None where there is none.
    """

    finding: str
    number: int
    ids: tuple[str, ...]
    facts: Row
    shown_under: str | None = None

    @property
    def is_turned(self) -> bool:
        """Whether the second picture is the first one turned or mirrored, and is shown turned back too."""
        turn = smallest_turn(self.facts.get("degrees"))
        return len(self.ids) > 1 and (turn >= LEAST_TURN or bool(self.facts.get("flipped")))

    @property
    def tiles(self) -> int:
        """How many thumbnails it takes."""
        return len(self.ids) + self.is_turned


def groups_of(findings: Iterable[tuple[str, Finding]]) -> list[ShownGroup]:
    """Return the groups of pictures that findings show, in their order.

    Args:
        findings: Each with its name in the audit's folder; where two show the same pictures, the first does.
    """
    groups: list[ShownGroup] = []
    first: dict[frozenset[str], str] = {}
    for name, finding in findings:
        facts = _facts(finding)
        for number, ids in enumerate(finding.pictures):
            same = first.setdefault(frozenset(ids), name)
            said = facts.get(ids) or _seen_from_the_other(facts.get(ids[::-1], {}))
            groups.append(ShownGroup(name, number, ids, said, None if same == name else same))
    return groups


def with_thumbnails(groups: Sequence[ShownGroup], most: int = MOST) -> list[ShownGroup]:
    """Return the groups that get thumbnails: the first ones of each finding, so that each gets a fair share.

    Args:
        groups: Those of all findings, one finding after the other.
        most: How many thumbnails there may be.

    Returns:
        Groups whose ``tiles`` add up to ``most`` or less; none that an earlier finding shows.
    """
    here = [group for group in groups if group.shown_under is None]
    of_finding = [list(found) for _, found in groupby(here, key=lambda group: group.finding)]
    shares = fair_shares([sum(group.tiles for group in found) for found in of_finding], most)
    return [group for found, share in zip(of_finding, shares, strict=True) for group in _first(found, share)]


def fair_shares(wanted: Sequence[int], most: int) -> list[int]:
    """Share a number out: who wants little gets all of it, and what is left is for the others.

    Args:
        wanted: How much each wants.
        most: How much there is.

    Example:
        >>> fair_shares([10, 500, 300], 200)
        [10, 95, 95]
    """
    shares, left = [0] * len(wanted), most
    for done, place in enumerate(sorted(range(len(wanted)), key=lambda place: wanted[place])):
        shares[place] = min(wanted[place], left // (len(wanted) - done))
        left -= shares[place]
    return shares


def _first(groups: Iterable[ShownGroup], share: int) -> Iterator[ShownGroup]:
    for group in groups:
        share -= group.tiles
        if share < 0:
            return
        yield group


def _seen_from_the_other(facts: Row) -> Row:
    """Return what is said of a pair, for the pair in the other order.

    Of a mirrored picture the angle is the same from both sides; of any other it runs the other way round.
    """
    if facts.get("degrees") is None or facts.get("flipped"):
        return facts
    return {**facts, "degrees": -facts["degrees"]}


def _facts(finding: Finding) -> dict[tuple[str, ...], Row]:
    """Return what the finding's tables say of a picture or a pair, by ids; the first table that names it counts."""
    found: dict[tuple[str, ...], Row] = {}
    for table in finding.tables.values():
        ends = next((names for names in ENDS if set(names) <= set(table.columns)), None)
        if ends is None:
            continue
        said = [name for name in (*FACTS, *MARK) if name in table.columns]
        for row in table.select(*ends, *said).iter_rows(named=True):
            found.setdefault(tuple(row[end] for end in ends), row)
    return found
