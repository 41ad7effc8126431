"""Checks of what is known before any picture is opened: of the data set, by its publications and its reader."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.cohort.readers import READERS
from leukoscope.errors import counted

SHOWN = 3


def pixels_not_seen(evidence: Evidence) -> list[Finding]:
    """Say so where pictures are known by their hashes alone, and what could therefore not be looked at."""
    unseen = evidence.unseen.filter(pl.col("excluded").is_null())
    if not unseen.height:
        return []
    whose = "No picture was" if unseen.height == evidence.usable.height else f"{counted(unseen.height, 'picture')} not"
    sentence = (
        f"{whose} opened: known by hashes alone. Identical files are found; size, colour, near twins, cells beyond the "
        "crop and shortcuts in pictures are not."
    )
    return [Finding("pixels_not_seen", "note", sentence, unseen.height)]


def known_contradictions(evidence: Evidence) -> list[Finding]:
    """List what is known to contradict itself in a public data set and its publications, whatever part is at hand."""
    reader = READERS.get(evidence.cohort.reader or "")
    if reader is None or not reader.description.contradictions:
        return []
    said = pl.DataFrame({"known": list(reader.description.contradictions)})
    more = f" And {said.height - SHOWN:,} more." if said.height > SHOWN else ""
    sentence = (
        f"Of the data set as published {counted(said.height, 'flaw or contradiction', 'flaws or contradictions')} "
        f"are known; not all of them need be in this copy. {' '.join(said['known'].head(SHOWN))}{more}"
    )
    return [Finding("known_contradictions", "note", sentence, said.height, {"contradictions": said})]


def reader_notes(evidence: Evidence) -> list[Finding]:
    """Repeat what the reader guessed, left out or took for granted."""
    notes = evidence.cohort.notes
    if not notes:
        return []
    sentence = f"The reader noted: {' '.join(notes)}"
    return [Finding("reader_notes", "note", sentence, len(notes), {"notes": pl.DataFrame({"note": list(notes)})})]
