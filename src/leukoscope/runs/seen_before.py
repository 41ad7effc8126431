"""Test pictures that the first weights have seen before: refused, or marked, as a leaking split is."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.check import NOT_NEEDED
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import LeakageError, counted
from leukoscope.models.seen import DIGITS, Seen
from leukoscope.reports.verdicts import OF_WEIGHTS

NAMED = 5
WAY_ON = (
    "Start from other weights, or test on other pictures (split.kind: file); or go on with --allow-leakage REASON: "
    "then the run, its scores, its report and its bundle carry the mark."
)


def marked_as_seen(
    split: Split, cohort: Cohort, pictures: pl.DataFrame, seen: Seen, *, allow_leakage: str | None = None
) -> Split:
    """Return a checked split with the mark of what the first weights have seen of its test part.

    Pictures are known by the bytes of their files: one that was saved anew is another. A data set that the weights saw
    in pretraining is marked without a word from the user: no split of it is free of them.

    Args:
        split: The split, checked.
        cohort: The cohort that was split.
        pictures: Columns ``id``, ``sha256``.
        seen: What the weights that the network starts from have seen.
        allow_leakage: Why test pictures that were seen must be allowed.

    Returns:
        The split; where something of its test part was seen, with ``leakage`` and a warning that says what.

    Raises:
        LeakageError: test pictures were seen, and no reason was given.
    """
    test = split.part(cohort, "test").cells
    known = test.join(pictures.select("id", "sha256"), on="id", maintain_order="left")
    again = known.filter(pl.col("sha256").str.head(DIGITS).is_in(list(seen.pictures)))["id"].to_list()
    sets = [name for name in seen.sets if name in {cohort.reader, *test["source"].drop_nulls().unique()}]
    said = []
    if again:
        what = f"{OF_WEIGHTS} have seen {counted(len(again), 'picture')} of the test part."
        if allow_leakage is None:
            shown, more = ", ".join(again[:NAMED]), max(len(again) - NAMED, 0)
            raise LeakageError(what, where=shown, more=more, do=WAY_ON)
        said.append(what)
    if sets:
        said.append(f"{OF_WEIGHTS} saw {' and '.join(sets)} in pretraining, without labels.")
    if not said:
        return split
    allowed = [split.leakage, allow_leakage.strip() if again and allow_leakage else None]
    given = next(filter(None, allowed), None)
    warnings = tuple(dict.fromkeys([*(one for one in split.warnings if one != NOT_NEEDED), *said]))
    return replace(split, leakage=given or said[-1], warnings=warnings)
