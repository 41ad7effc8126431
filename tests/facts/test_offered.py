from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.facts.circumstances import circumstances_in
from leukoscope.facts.offered import inputs_offered, patient_facts


def cohort(facts: dict[str, object]) -> Cohort:
    cells = pl.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "path": ["a", "b", "c", "d"],
            "patient": ["P1", "P1", "P2", "P1"],
            "excluded": [None, None, None, "damaged"],
        }
    )
    patients = pl.DataFrame({"patient": ["P1", "P2", "P3", "P4"], **facts})
    return Cohort("a", Path(), cells, patients, Classes(("no", "yes")))


def test_facts_are_offered_with_a_scale_or_refused_with_a_reason() -> None:
    offers = inputs_offered(
        cohort(
            {
                "age": [20.0, 40.0, 60.0, 80.0],
                "lymphocyte_count": [1.0, 2.0, 3.0, 300.0],
                "sex": ["F", "M", "F", None],
                "born": [dt.date(1950, 1, day) for day in range(1, 5)],
                "born_format": ["m/d", "m/d", "d-m", "d-m"],
                "row": [1, 2, 3, 4],
                "species": ["human"] * 4,
                "weight": pl.Series([None] * 4, dtype=pl.Float64),
            }
        )
    )
    refused = "tells how the data were gathered, not what a patient is like"
    assert [(offer.name, offer.kind, offer.reason) for offer in offers] == [
        ("age", "linear", "a number (skewness 0.0)"),
        ("lymphocyte_count", "log", "a positive number, skewed (1.2)"),
        ("sex", "category", "2 words"),
        ("born", None, "is Date; give a number made of it, such as an age"),
        ("born_format", None, refused),
        ("row", None, refused),
        ("species", None, "does not vary"),
        ("weight", None, "nowhere stated"),
        ("pictures", None, refused),
    ]


def test_pictures_are_the_usable_ones_unless_the_table_counts_its_own() -> None:
    assert patient_facts(cohort({}))["pictures"].to_list() == [2, 1, 0, 0]
    assert patient_facts(cohort({"pictures": [5, 6, 7, 8]}))["pictures"].to_list() == [5, 6, 7, 8]


def test_a_circumstance_that_was_asked_for_is_said() -> None:
    assert circumstances_in({"age": "linear"}) == ()
    assert len(circumstances_in({"pictures": "log", "site": "category", "age": "linear"})) == 2
