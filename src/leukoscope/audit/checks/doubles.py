"""The check for declared doubles: two patients of one date of birth and sex, who may be one person."""

from __future__ import annotations

import re

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted

BIRTH = re.compile(r"(?i)^(born|birth|dob|date_of_birth|birth_?date|birthday)$")
SEX = re.compile(r"(?i)^(sex|gender)$")
SPAN = 10  # years over which births are taken to be even
DAYS_A_YEAR = 365.2425
SHOWN = 6


def declared_doubles(evidence: Evidence) -> list[Finding]:
    """List the pairs of patients of one date of birth and sex, and how many of them chance lets expect.

    Of n patients of one sex, n_d of them born in decade d, births being spread evenly over a decade's days, chance
    makes on average the sum over sexes and decades of n_d (n_d - 1) / 2 / (10 x 365.2425) pairs (the birthday problem,
    von Mises 1939).
    """
    patients = evidence.cohort.patients
    birth, sex = _column(patients, BIRTH), _column(patients, SEX)
    if birth is None:
        return []
    known = patients.select(
        "patient", "label", born=pl.col(birth).cast(pl.String), sex=pl.lit("") if sex is None else pl.col(sex)
    ).drop_nulls(["born", "sex"])
    pairs = _pairs(known)
    if not pairs.height:
        return []
    across = pairs.filter(pl.col("label_a") != pl.col("label_b"))
    named = "; ".join(f"{one} and {two}" for one, two in pairs.select("patient_a", "patient_b").head(SHOWN).iter_rows())
    more = f"; and {pairs.height - SHOWN:,} more" if pairs.height > SHOWN else ""
    labels = "; ".join(
        f"{one} and {two}" for one, two in across.select("patient_a", "patient_b").head(SHOWN).iter_rows()
    )
    differ = f" Of different classes: {labels}." if across.height else ""
    facts = "date of birth" if sex is None else "date of birth and sex"
    sentence = (
        f"{counted(pairs.height, 'pair')} of patients of one {facts} ({named}{more}); chance lets "
        f"expect {expected_pairs(known):.1f}. A person may have been sampled twice.{differ}"
    )
    do = "Ask the source whether they are one person; until then keep each pair on one side."
    return [Finding("declared_doubles", "warning", sentence, pairs.height, {"pairs": pairs}, do)]


def expected_pairs(patients: pl.DataFrame) -> float:
    """Return how many pairs of one date of birth and sex chance makes on average.

    Args:
        patients: ``born`` (text with a year of four digits in it) and ``sex``.

    Example:
        >>> born = [f"{year}-01-01" for year in range(1950, 1960)] * 10
        >>> round(expected_pairs(pl.DataFrame({"born": born, "sex": "F"})), 2)
        1.36
    """
    year = pl.col("born").str.extract(r"(\d{4})").cast(pl.Int64)
    each = patients.group_by("sex", decade=year // SPAN).len("n").filter(pl.col("decade").is_not_null())
    chances = pl.col("n").cast(pl.Float64) * (pl.col("n") - 1.0) / 2
    return float(each.select(chances.sum()).item()) / (SPAN * DAYS_A_YEAR)


def _column(patients: pl.DataFrame, pattern: re.Pattern[str]) -> str | None:
    return next((name for name in patients.columns if pattern.match(name)), None)


def _pairs(known: pl.DataFrame) -> pl.DataFrame:
    sides = [known.rename({"patient": f"patient_{end}", "label": f"label_{end}"}) for end in "ab"]
    both = sides[0].join(sides[1], on=["born", "sex"]).filter(pl.col("patient_a") < pl.col("patient_b"))
    return both.select("patient_a", "patient_b", "sex", "born", "label_a", "label_b").sort("patient_a", "patient_b")
