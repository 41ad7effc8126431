"""What is known of a published data set's patients who must not be parted: as data that travel with its reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import polars as pl

from leukoscope.cohort.cohort import PATIENT_LINK_COLUMNS


@dataclass(frozen=True)
class KnownLink:
    """Two patients whom pictures tie together.

    Args:
        patient_a: The one, as the cohort names patients.
        patient_b: The other.
        pictures: How many pictures tie them, 1 or more.
        kind: ``exact bytes`` (the files are equal), ``near`` (one cell, other pixels), ``declared`` (the publisher says
            so).
        reason: What was seen, and in what, a sentence.
    """

    patient_a: str
    patient_b: str
    pictures: int
    kind: Literal["exact bytes", "near", "declared"]
    reason: str


def as_patient_links(links: Iterable[KnownLink]) -> pl.DataFrame:
    """Return links as the table that ``Cohort.patient_links`` holds, one row a link, in their order."""
    return pl.DataFrame([asdict(link) for link in links], schema=PATIENT_LINK_COLUMNS)


def known_groups(links: Iterable[KnownLink]) -> tuple[tuple[str, ...], ...]:
    """Return the patients whom links join, directly or through others; short names before long ones in each group.

    Example:
        >>> pairs = [("20", "21"), ("H10", "H3"), ("17", "20")]
        >>> known_groups(KnownLink(a, b, 1, "near", "They look alike.") for a, b in pairs)
        (('17', '20', '21'), ('H3', 'H10'))
    """
    groups: list[set[str]] = []
    for link in links:
        pair = {link.patient_a, link.patient_b}
        met = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [pair.union(*met)]
    return tuple(sorted(tuple(sorted(group, key=_short_first)) for group in groups))


def _short_first(name: str) -> tuple[int, str]:
    return len(name), name
