"""Looking at a cohort before anything else: every picture once, and which pictures show one and the same cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.audit import Audit, audit
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.hashes import hashes_table, without_pictures
from leukoscope.cohort.links import LINK_SCHEMA, identical_pairs
from leukoscope.cohort.splits.split import Split
from leukoscope.pictures.framing import Framing
from leukoscope.pictures.intake import Intake, take_in
from leukoscope.pictures.measure import Measure
from leukoscope.twins import FINGERPRINT, Twins, find_twins


@dataclass(frozen=True)
class Looked:
    """What looking at a cohort's pictures gave.

    Args:
        intake: The cohort with unreadable cells excluded, the table of pictures, and the store where one was asked for.
        twins: One cell in two pictures; None where only hashes are known.
    """

    intake: Intake
    twins: Twins | None = None

    @property
    def identical(self) -> pl.DataFrame:
        """The pairs of identical pictures."""
        return identical_pairs(self.intake.pictures)

    @property
    def pairs(self) -> pl.DataFrame:
        """All pairs of pictures that must not be parted, identical ones first: as ``linked_groups`` takes them."""
        return self.identical if self.twins is None else pl.concat([self.identical, _links(self.twins)])

    def audit(self, cohort: Cohort, *, crop: int | None = None, split: Split | None = None) -> Audit:
        """Audit what was looked at.

        Args:
            cohort: The intake's cohort, possibly with more cells excluded.
            crop: Side in pixels of the centre square that a network will see.
            split: A split whose parts are looked at too.
        """
        pairs = {} if self.twins is None else {"twins": self.twins.pairs, "overlapping": self.twins.overlapping}
        return audit(cohort, self.intake.pictures, crop=crop, split=split, **pairs)


def look(
    cohort: Cohort | Intake,
    *,
    framing: Framing | None = None,
    store: Path | None = None,
    measures: Sequence[Measure] = (),
) -> Looked:
    """Look at every picture once, and find those that show one cell.

    Of a table of hashes no picture is opened; identical ones are known, twins are not.

    Args:
        cohort: A cohort; or an intake, of which no picture is read again if it has the twins' fingerprints.
        framing: How pictures are framed for the store.
        store: The store's folder.
        measures: What else is computed of each picture while it is read; nothing is of an intake.
    """
    if isinstance(cohort, Intake) and FINGERPRINT.name in cohort.measured:
        intake = cohort
    else:
        read = cohort.cohort if isinstance(cohort, Intake) else cohort
        if without_pictures(read):
            return Looked(Intake(read, hashes_table(read)))
        intake = take_in(read, framing=framing, store=store, measures=(FINGERPRINT, *measures))
    fingerprints = intake.measured[FINGERPRINT.name]
    return Looked(intake, find_twins(intake.cohort, intake.pictures, fingerprints))


def _links(twins: Twins) -> pl.DataFrame:
    return twins.pairs.select(list(LINK_SCHEMA))
