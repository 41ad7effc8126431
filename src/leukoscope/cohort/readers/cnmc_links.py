"""The subjects of C-NMC whom pictures tie together, counted in the published hashes of the whole set.

All 15,114 pictures hold 106 pairs of equal files, and no file stands more than twice. A subject number is therefore no
person. The counts are kept here so that a split is right even where only a part of the set is on disk.
"""

from __future__ import annotations

from leukoscope.cohort.readers.known_links import KnownLink

BETWEEN = {
    ("20", "21"): 71,
    ("51", "78"): 11,
    ("51", "75"): 10,
    ("H2", "H4"): 3,
    ("H2", "H5"): 2,
    ("H2", "H6"): 1,
    ("H3", "H10"): 1,
}
"""Pairs of equal files that stand under two subjects' names."""
WITHIN = {"subject H10": 5, "the final phase, whose subjects are not published": 2}
"""Pairs of equal files that tie no two subjects."""
TWIN = ("UID_17_18_2_all", "UID_20_34_2_all")
"""One cell under two normalisations of colour: equal outline, no pixel equal."""


SEEN = "Equal files stand under both names in the published hashes of the whole set."

KNOWN_LINKS = (
    *(KnownLink(*pair, pictures, "exact bytes", SEEN) for pair, pictures in BETWEEN.items()),
    KnownLink("17", "20", 1, "near", f"{TWIN[0]} and {TWIN[1]} show one cell, normalised in colour in two ways."),
)
