from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS
from leukoscope.runs.about import data_sets, of_scores, part_of

CLASSES = Classes(("hem", "all"), positive="all")


def cohort(reader: str | None, sources: list[str | None], patients: pl.DataFrame | None = None) -> Cohort:
    """Return a cohort of one cell a source, of patients P0, P1, ..."""
    numbers = range(len(sources))
    cells = pl.DataFrame(
        {
            "id": [f"c{number}" for number in numbers],
            "path": [f"c{number}.png" for number in numbers],
            "label": [CLASSES.names[number % 2] for number in numbers],
            "patient": [f"P{number}" for number in numbers],
            "source": sources,
        },
        schema_overrides={"source": pl.String},
    )
    empty = pl.DataFrame(schema={"patient": pl.String, "label": pl.String})
    return Cohort("mine", Path(), cells, empty if patients is None else patients, CLASSES, reader=reader)


def test_a_public_set_is_told_as_its_reader_describes_it() -> None:
    (found,) = data_sets(cohort("cnmc", ["cnmc"]))
    known = READERS["cnmc"].description
    assert (found["name"], found["title"], found["licence"]) == ("cnmc", known.title, known.licence)
    assert found["sources"] == list(known.sources)
    assert found["background"] == "black"


def test_of_one_s_own_data_the_name_alone_is_known() -> None:
    # A folder that happens to be called as a public set is not that set.
    assert data_sets(cohort("folder", ["pbc"])) == [{"name": "mine"}]
    assert data_sets(cohort(None, [None])) == [{"name": "mine"}]


def test_a_merged_set_is_told_source_by_source() -> None:
    found = data_sets(cohort(None, ["pbc", "ward", "cnmc"]))
    assert [one["name"] for one in found] == ["cnmc", "pbc", "ward"]
    assert [one.get("licence") for one in found] == ["CC BY 3.0", "CC BY 4.0", None]


def test_a_part_is_told_in_numbers() -> None:
    patients = pl.DataFrame({"patient": ["P0", "P1"], "label": ["hem", None], "sex": ["F", None], "age": [3.0, None]})
    found = part_of(cohort("folder", ["x"] * 3, patients), pl.Series(["c0", "c1"]))
    assert found == {
        "cells": 2,
        "patients": 2,
        "classes": {"hem": 1, "all": 1},
        "patients_of": {"hem": 1, "all": 0, "not stated": 1},
        "sex": {"F": 1, "not stated": 1},
        "age": {"known": 1, "of": 2},
    }


@pytest.mark.parametrize(("number", "told"), [(9, False), (10, True)])
def test_ages_are_summed_up_only_where_there_are_enough(number: int, told: bool) -> None:
    names = [f"P{place}" for place in range(number)]
    patients = pl.DataFrame({"patient": names, "age": [float(place) for place in range(number)]})
    found = part_of(cohort("folder", ["x"] * number, patients), pl.Series([f"c{place}" for place in range(number)]))
    assert ("median" in found["age"]) == told
    assert not told or found["age"] == {"known": 10, "of": 10, "median": 4.5, "quartiles": [2.25, 6.75]}


def test_what_is_not_in_the_scores_is_not_told() -> None:
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "reason": None}
    test: dict[str, Any] = {
        "unit": "patient",
        "cells": 20,
        "patients": 20,
        "groups": 20,
        "interval": {},
        "notes": [],
        "per_class": {"hem": {"support": 4, "recall": score, "f1": score}},
        "patient_scores": None,
        "scores": {"ece": score, "mcc": score},
    }
    found = of_scores({"parts": {"test": test}, "threshold": None})
    assert found == {
        "test": {
            **{name: test[name] for name in ("unit", "cells", "patients", "groups", "interval", "notes")},
            "per_class": {"hem": {"support": 4, "recall": score}},
            "patient_scores": None,
            "calibration": {"ece": score},
        }
    }
