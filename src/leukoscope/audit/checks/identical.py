"""Checks for identical pictures: within a patient, across patients, classes, places and parts."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, Severity
from leukoscope.errors import counted

SHOWN = 6
NO_PATIENT = "cell:"
TALLIES = {"unit": "by_patients", "label": "by_classes", "place": "by_places", "part": "by_parts"}
PAIR = ("id_a", "id_b", "unit_a", "unit_b", "kind", "label_a", "label_b", "place_a", "place_b")


def identical_within_patient(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand twice under one patient."""
    pairs = evidence.pairs.filter((pl.col("unit_a") == pl.col("unit_b")) & _known())
    sentence = "{pairs} of identical pictures within one patient ({tally}): these cells count twice."
    return _finding("identical_within_patient", "note", sentence, pairs, "unit")


def identical_across_patients(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand under two patients."""
    pairs = evidence.pairs.filter((pl.col("unit_a") != pl.col("unit_b")) & _known())
    sentence = (
        "{pairs} of identical pictures under the names of different patients ({tally}): trained on one and tested on "
        "the other, a score is too good."
    )
    do = "Keep these patients on one side (every split made here does), and ask the source whether they are one person."
    return _finding("identical_across_patients", "error", sentence, pairs, "unit", do=do)


def identical_unknown_patients(evidence: Evidence) -> list[Finding]:
    """List the identical pictures of which a patient is not known."""
    pairs = evidence.pairs.filter(~_known())
    sentence = "{pairs} of identical pictures whose patients are not known: it may be one cell under two names."
    do = "Keep them on one side; every split made here does."
    return _finding("identical_unknown_patients", "warning", sentence, pairs, "label", do=do)


def identical_across_classes(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand under two classes: at most one label can be right."""
    pairs = _differing(evidence.pairs, "label")
    sentence = "{pairs} of identical pictures under different classes ({tally}): at most one label of each is right."
    do = "Ask who labelled them; until then they are left out of training."
    return _finding("identical_across_classes", "error", sentence, pairs, "label", do=do)


def identical_across_places(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand in two places of the data set as published: official parts that leak."""
    pairs = _differing(evidence.pairs, "place")
    sentence = "{pairs} of identical pictures in different parts of the data set as published ({tally})."
    do = "Do not train on one of these parts and test on the other without leaving these patients out of one."
    return _finding("identical_across_places", "error", sentence, pairs, "place", do=do)


def identical_across_parts(evidence: Evidence) -> list[Finding]:
    """List the pictures that the split puts on two sides."""
    pairs = _differing(evidence.pairs, "part")
    sentence = "{pairs} of identical pictures on two sides of the split ({tally}): the test score is too good."
    return _finding("identical_across_parts", "error", sentence, pairs, "part", do="Split by patient.")


def _known() -> pl.Expr:
    """Both patients are known."""
    return ~(pl.col("unit_a").str.starts_with(NO_PATIENT) | pl.col("unit_b").str.starts_with(NO_PATIENT))


def _differing(pairs: pl.DataFrame, what: str) -> pl.DataFrame:
    # Null compares as null, which filters out a side where nothing is known.
    return pairs.filter(pl.col(f"{what}_a") != pl.col(f"{what}_b"))


def _finding(
    code: str, severity: Severity, sentence: str, pairs: pl.DataFrame, tallied: str, *, do: str | None = None
) -> list[Finding]:
    """Return the finding for these pairs, tallied by what stands on their two sides."""
    if not pairs.height:
        return []
    tally = _tally(pairs, tallied)
    columns = [*PAIR, "part_a", "part_b"] if tallied == "part" else PAIR
    tables = {"pairs": pairs.select(columns), TALLIES[tallied]: tally}
    said = sentence.format(pairs=counted(pairs.height, "pair"), tally=_spelled(tally))
    return [Finding(code, severity, said, pairs.height, tables, do)]


def _tally(pairs: pl.DataFrame, what: str) -> pl.DataFrame:
    one, two = f"{what}_a", f"{what}_b"
    ordered = pairs.select(pl.min_horizontal(one, two).alias(one), pl.max_horizontal(one, two).alias(two))
    return ordered.group_by(one, two).len("pairs").sort("pairs", one, two, descending=[True, False, False])


def _spelled(tally: pl.DataFrame) -> str:
    said = [
        f"{one if one == two else f'{one} and {two}'}: {pairs:,}" for one, two, pairs in tally.head(SHOWN).iter_rows()
    ]
    more = tally.height - SHOWN
    return "; ".join(said) + (f"; and {more:,} more" if more > 0 else "")
