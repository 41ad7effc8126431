"""The audit: every check in order, and what they found as one object."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import polars as pl

from leukoscope.audit.checks import CHECKS
from leukoscope.audit.checks.content import boxes_of_classes
from leukoscope.audit.evidence import Evidence, gather
from leukoscope.audit.finding import Finding
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import SettingsError

FORMAT = 1


@dataclass(frozen=True, repr=False)
class Audit:
    """What is in a data set and what is wrong with it.

    Args:
        name: The cohort's name.
        counts: ``cells``, ``usable``, ``excluded``, ``unlabelled``, ``unreadable``, ``identical_pairs``,
            ``near_pairs``, ``patients`` (None where none are known), and ``classes``: a list of ``class``, ``title``,
            ``cells``, ``patients`` (with such cells; usable ones only), ``own`` (patients whose own label this is) and
            ``boxes`` (on usable pictures).
        findings: What was found, in the order of the checks.
    """

    name: str
    counts: dict[str, Any]
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that are more than notes."""
        return tuple(finding for finding in self.findings if finding.severity != "note")

    @property
    def worst_first(self) -> tuple[Finding, ...]:
        """What there is, then errors before warnings before notes, each in the order of the checks."""
        return tuple(sorted(self.findings, key=lambda finding: (finding.code != "counts", finding.rank)))

    def of(self, code: str) -> Finding | None:
        """Return the finding with this code; None if the check found nothing."""
        return next((finding for finding in self.findings if finding.code == code), None)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        findings = [finding.as_json() for finding in self.findings]
        return {"format": FORMAT, "cohort": self.name, "counts": self.counts, "findings": findings}

    def lines(self) -> list[str]:
        """Return the audit as lines of plain text."""
        lines = [f"Audit of {self.name!r}, findings that need attention: {len(self.failures)}"]
        for finding in self.worst_first:
            lines.append(f"  {finding.severity}: {finding.sentence}")
            lines += [f"    what to do: {finding.do}"] if finding.do else []
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{finding.severity}</b>: {html.escape(finding.sentence)}"
            + (f"<br><i>{html.escape(finding.do)}</i>" if finding.do else "")
            + "</li>"
            for finding in self.worst_first
        )
        return f"<b>{html.escape(self.lines()[0])}</b><ul>{items}</ul>"


def audit(
    cohort: Cohort,
    pictures: pl.DataFrame,
    *,
    crop: int | None = None,
    split: Split | None = None,
    twins: pl.DataFrame | None = None,
    overlapping: pl.DataFrame | None = None,
) -> Audit:
    """Look for what would spoil or flatter a score, before anything is trained.

    Args:
        cohort: The cohort, with unreadable pictures excluded or not.
        pictures: The pictures table that the intake made, one row a cell; ``id`` and ``sha256`` alone will do, then
            what needs pixels is left out.
        crop: Side in pixels of the centre square that a network will see; None where it sees the whole picture.
        split: A split whose parts are looked at too.
        twins: Confirmed pairs of pictures that show one cell: ``id_a``, ``id_b``, ``kind`` (``near``),
            ``correlation``; None where nobody looked for any.
        overlapping: Pairs that share a part of a field but show two cells, in the same columns.

    Returns:
        The findings in a fixed order; but for the row order, whose use as a shortcut is looked at, they depend on the
        cells alone.

    Raises:
        SettingsError: the crop is no positive number.
        DataError: the pictures table has no ids, or a table of pairs lacks a column.
    """
    if crop is not None and crop < 1:
        raise SettingsError(f"The side of the crop must be 1 px or more; got {crop}.")
    evidence = gather(cohort, pictures, crop=crop, split=split, twins=twins, overlapping=overlapping)
    findings = tuple(finding for check in CHECKS for finding in check(evidence))
    return Audit(cohort.name, _counts(evidence), findings)


def _counts(evidence: Evidence) -> dict[str, Any]:
    cohort = evidence.cohort
    usable, labelled = cohort.usable, cohort.labelled
    own = dict(cohort.patients.drop_nulls("label").group_by("label").len().iter_rows())
    boxes = boxes_of_classes(cohort)
    classes = [
        {
            "class": name,
            "title": cohort.classes.title(name),
            "cells": cells,
            "patients": patients,
            "own": own.get(name, 0),
            "boxes": boxes.get(name, 0),
        }
        for name, cells, patients in cohort.counts().iter_rows()
    ]
    return {
        "cells": cohort.cells.height,
        "usable": usable.height,
        "excluded": cohort.cells.height - usable.height,
        "unlabelled": usable.height - labelled.height,
        "unreadable": evidence.cells.filter(pl.col("problem").is_not_null()).height,
        "identical_pairs": evidence.pairs.height,
        "near_pairs": evidence.near.height,
        "patients": usable["patient"].drop_nulls().n_unique() or None,
        "classes": classes,
    }
