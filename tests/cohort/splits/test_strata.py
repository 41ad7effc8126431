from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.strata import stratum_of
from leukoscope.errors import SettingsError

Made = tuple[Cohort, LinkedGroups]


def clinic_of(make: Callable[..., Made]) -> Cohort:
    cohort, _ = make([("a", "all", "1", "x"), ("b", "hem", "2", None), ("c", "hem", None, "y"), ("d", "all", "1", "y")])
    ages = {"1": 71.5, "2": None}
    facts = {
        "sex": pl.col("patient").replace_strict({"1": "F", "2": None}, return_dtype=pl.String),
        "age": pl.col("patient").replace_strict(ages, return_dtype=pl.Float64),
    }
    return replace(cohort, patients=cohort.patients.with_columns(**facts))


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("sex", ["F", "unknown", "unknown", "F"]),
        ("place", ["x", "unknown", "y", "y"]),
        ("age", ["71.5", "unknown", "unknown", "71.5"]),
    ],
)
def test_a_fact_of_cells_or_of_their_patients(make: Callable[..., Made], fact: str, values: list[str]) -> None:
    cohort = clinic_of(make)
    assert stratum_of(cohort.cells, cohort, fact).to_list() == values
    assert stratum_of(cohort.cells.reverse(), cohort, fact).to_list() == values[::-1]


def test_a_fact_that_there_is_not(make: Callable[..., Made]) -> None:
    cohort = clinic_of(make)
    with pytest.raises(SettingsError) as raised:
        stratum_of(cohort.cells, cohort, "sexe")
    assert str(raised.value) == (
        "The data set has no fact 'sexe' to stratify by.\n  where: split.stratify\n"
        "  what to do: Did you mean 'sex'? Known: age, place, sex, source."
    )
    with pytest.raises(SettingsError, match="The data set has no fact 'label' to stratify by"):
        stratum_of(cohort.cells, cohort, "label")


def test_a_fact_of_too_many_values(make: Callable[..., Made]) -> None:
    cohort, _ = make([(f"c{n:02d}", "all", None, f"place {n}") for n in range(21)])
    with pytest.raises(SettingsError) as raised:
        stratum_of(cohort.cells, cohort, "place")
    assert raised.value.what == "The fact 'place' has 21 values; a split can be stratified by 20 at most."
    assert stratum_of(cohort.cells.head(20), cohort, "place").n_unique() == 20
