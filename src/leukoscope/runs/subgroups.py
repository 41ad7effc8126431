"""How good a run is by sex and by age, where the data set says these of its patients."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.evaluation.subgroups import AGE_BANDS, age_bands, subgroup_scores
from leukoscope.predictions.table import Predictions

SECTION = "subgroups"
SEX, AGE = "sex", "age"


def subgroups(cohort: Cohort, test: Predictions, threshold: float | None) -> dict[str, Any]:
    """Return the section ``subgroups`` of ``scores.json``; nothing where neither sex nor age is known.

    Args:
        cohort: The cohort, whose patients' table has ``sex`` and ``age`` (years), or has not.
        test: What is said of the test part.
        threshold: The operating threshold that the part's scores are of.

    Returns:
        ``{"subgroups": {"sex": [...], "age": [...]}}``, each a list of ``Subgroup.as_json``.
    """
    known = {fact: _groups(cohort.patients, fact) for fact in (SEX, AGE) if fact in cohort.patients.columns}
    tested = test.table.filter(pl.col("label").is_not_null())["patient"].drop_nulls()
    found = {
        fact: [one.as_json() for one in subgroup_scores(test, groups, threshold=threshold, order=list(AGE_BANDS))]
        for fact, groups in known.items()
        if groups.drop_nulls().filter(pl.col("patient").is_in(tested.implode())).height
    }
    return {SECTION: found} if found else {}


def _groups(patients: pl.DataFrame, fact: str) -> pl.DataFrame:
    """Return the group of each patient: ``patient``, ``group``."""
    values = patients[fact]
    words = age_bands(values) if fact == AGE else values.cast(pl.String).str.strip_chars()
    return pl.DataFrame({"patient": patients["patient"], "group": words})
