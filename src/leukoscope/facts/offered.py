"""Which of a cohort's facts may be inputs, and which are refused unless asked for by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from leukoscope.cohort.cohort import PATIENT_COLUMNS, Cohort
from leukoscope.errors import counted
from leukoscope.facts.category import MOST_WORDS
from leukoscope.facts.circumstances import PICTURES, is_circumstance

SKEWED = 1.0  # a logarithm is proposed above this skewness, the usual word for "highly skewed"


@dataclass(frozen=True)
class Offer:
    """A declared fact and what may be done with it.

    Args:
        name: The fact.
        kind: The scale that is proposed: ``linear``, ``log``, ``category``; None where it is no input by default.
        reason: Why this scale, or why it is refused.
    """

    name: str
    kind: str | None
    reason: str


def patient_facts(cohort: Cohort) -> pl.DataFrame:
    """Return the patients' table with the column ``pictures``: how many usable pictures each has (Int64).

    A table that has a column of that name already keeps its own.
    """
    if PICTURES in cohort.patients.columns:
        return cohort.patients
    numbers = cohort.usable.group_by("patient").agg(pl.len().cast(pl.Int64).alias(PICTURES))
    table = cohort.patients.join(numbers, on="patient", how="left", maintain_order="left")
    return table.with_columns(pl.col(PICTURES).fill_null(0))


def inputs_offered(cohort: Cohort) -> tuple[Offer, ...]:
    """Return every fact of the patients with the scale that is proposed for it, or why it is refused by default.

    No label is looked at. A refused fact can still be named in ``facts.inputs``; ``circumstances_in`` then says so.
    """
    facts = patient_facts(cohort)
    return tuple(_offer(facts[name]) for name in facts.columns if name not in PATIENT_COLUMNS)


def _offer(values: pl.Series) -> Offer:
    name, known = values.name, values.drop_nulls()
    if is_circumstance(name):
        return Offer(name, None, "tells how the data were gathered, not what a patient is like")
    if known.n_unique() < 2:  # noqa: PLR2004 - it takes two to differ
        return Offer(name, None, "does not vary" if len(known) else "nowhere stated")
    if known.dtype in (pl.Boolean, pl.String):
        return _offer_words(name, known)
    if not known.dtype.is_numeric():
        return Offer(name, None, f"is {known.dtype}; give a number made of it, such as an age")
    skewness = known.cast(pl.Float64).skew() or 0.0
    if skewness > SKEWED and float(np.min(known.to_numpy())) > 0:
        return Offer(name, "log", f"a positive number, skewed ({skewness:.1f})")
    return Offer(name, "linear", f"a number (skewness {skewness:.1f})")


def _offer_words(name: str, known: pl.Series) -> Offer:
    words = known.n_unique()
    if words > MOST_WORDS:
        return Offer(name, None, f"{counted(words, 'different word')}, too many for a category")
    return Offer(name, "category", counted(words, "word"))
