"""Test pictures that the first weights have seen before: refused, or marked as leakage."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.check import NOT_NEEDED
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import LeakageError, counted
from leukoscope.models.seen import DIGITS, Seen

NAMED = 5
OF_WEIGHTS = "The weights that the network starts from"
UNKNOWN = "whether some of the test part are among them is not known."
WAY_ON = (
    "Start from other weights, or test on other pictures (split.kind: file); or go on with --allow-leakage REASON: "
    "then the run, its scores, its report and its bundle carry the mark."
)


def marked_as_seen(
    split: Split, cohort: Cohort, pictures: pl.DataFrame, seen: Seen, *, allow_leakage: str | None = None
) -> Split:
    """Return a checked split with the mark of what the first weights have seen of its test part.

    Pictures are known by the bytes of their files: one that was saved anew is another. Pictures that this split learns
    from as well are its own leak, not the weights'. A data set that the weights saw in pretraining is marked without a
    word from the user: no split of it is free of them. What a bundle of an earlier version saw is not known: a warning.

    Args:
        split: The split, checked.
        cohort: The cohort that was split.
        pictures: Columns ``id``, ``sha256``.
        seen: What the weights that the network starts from have seen.
        allow_leakage: Why test pictures that were seen must be allowed.

    Returns:
        The split; where something of its test part was seen, with ``seen`` that says what; where that is not known,
        with a warning.

    Raises:
        LeakageError: test pictures were seen, and no reason was given.
    """
    hashed = split.table.join(pictures.select("id", digest=pl.col("sha256").str.head(DIGITS)), on="id", how="left")
    learnt = pl.col("part") != "test"
    own = hashed.filter(learnt)["digest"].drop_nulls().unique()
    strangers = hashed.filter(~learnt & ~pl.col("digest").is_in(own.implode()))
    again = strangers.filter(pl.col("digest").is_in(list(seen.pictures)))["id"].to_list()
    sources = split.part(cohort, "test").cells["source"].drop_nulls().unique()
    sets = [name for name in seen.sets if name in {cohort.reader, *sources}]
    said = []
    if again:
        what = f"{OF_WEIGHTS} have seen {counted(len(again), 'picture')} of the test part"
        if allow_leakage is None:
            shown, more = ", ".join(again[:NAMED]), max(len(again) - NAMED, 0)
            raise LeakageError(f"{what}.", where=shown, more=more, do=WAY_ON)
        said.append(f"{what}, allowed because: {allow_leakage.strip()}")
    if sets:
        said.append(f"{OF_WEIGHTS} saw, or may have seen, {' and '.join(sets)} in pretraining.")
    warned = [warning for warning in split.warnings if not (again and warning == NOT_NEEDED)]
    warned += [f"The bundle {name} does not list the pictures that it has seen: {UNKNOWN}" for name in seen.unlisted]
    return replace(split, seen="; ".join(said) or None, warnings=tuple(dict.fromkeys(warned)))
