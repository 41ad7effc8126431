"""What the checks of identical pictures and of near twins share: which pairs are meant, and how they are told."""

from __future__ import annotations

import math

import polars as pl

from leukoscope.audit.finding import Finding, Severity, in_pairs
from leukoscope.errors import counted

SHOWN = 6
NO_PATIENT = "cell:"
TALLIES = {"unit": "by_patients", "label": "by_classes", "place": "by_places", "part": "by_parts"}
PAIR = ("id_a", "id_b", "unit_a", "unit_b", "kind", "correlation", "degrees", "flipped")
SIDES = ("label_a", "label_b", "place_a", "place_b")


def within_patients(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of one known patient."""
    return pairs.filter((pl.col("unit_a") == pl.col("unit_b")) & _known())


def across_patients(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of two known patients."""
    return pairs.filter((pl.col("unit_a") != pl.col("unit_b")) & _known())


def of_unknown_patients(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of which a patient is not known."""
    return pairs.filter(~_known())


def differing(pairs: pl.DataFrame, what: str) -> pl.DataFrame:
    """Return the pairs whose sides differ in ``label``, ``place`` or ``part``, as far as both are known."""
    # Null compares as null, which filters out a side where nothing is known.
    return pairs.filter(pl.col(f"{what}_a") != pl.col(f"{what}_b"))


def told(
    code: str, severity: Severity, sentence: str, pairs: pl.DataFrame, tallied: str, *, do: str | None = None
) -> list[Finding]:
    """Return the finding for these pairs, tallied by what stands on their two sides; none where there are no pairs.

    Args:
        code: The finding's code.
        severity: Its severity.
        sentence: With ``{pairs}`` ("3 pairs"), ``{tally}`` and ``{correlation}`` ("0.981 to 0.999") where wished.
        pairs: As ``Evidence.pairs`` or ``Evidence.near``.
        tallied: ``unit``, ``label``, ``place`` or ``part``.
        do: What to do.
    """
    if not pairs.height:
        return []
    tally = _tally(pairs, tallied)
    columns = [name for name in PAIR if name in pairs.columns]
    columns += [*SIDES, "part_a", "part_b"] if tallied == "part" else SIDES
    tables = {"pairs": pairs.select(columns), TALLIES[tallied]: tally}
    said = sentence.format(pairs=counted(pairs.height, "pair"), tally=_spelled(tally), correlation=_correlation(pairs))
    return [Finding(code, severity, said, pairs.height, tables, do, in_pairs(pairs))]


def _known() -> pl.Expr:
    """Both patients are known."""
    return ~(pl.col("unit_a").str.starts_with(NO_PATIENT) | pl.col("unit_b").str.starts_with(NO_PATIENT))


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


def cut_correlation(value: float) -> str:
    """Return a correlation with three digits, cut rather than rounded up: 1.000 means exactly equal.

    Example:
        >>> cut_correlation(0.9996), cut_correlation(0.57)
        ('0.999', '0.570')
    """
    # The small summand keeps what is written with three digits as it is: 0.57 * 1000 is 569.9999...
    return f"{math.floor(value * 1000 + 1e-9) / 1000:.3f}"


def _correlation(pairs: pl.DataFrame) -> str:
    """Return the range of the correlations."""
    if "correlation" not in pairs.columns or pairs["correlation"].null_count() == pairs.height:
        return "not stated"
    ends = pairs.select(low=pl.col("correlation").min(), high=pl.col("correlation").max()).row(0)
    low, high = (cut_correlation(float(value)) for value in ends)
    return low if low == high else f"{low} to {high}"
