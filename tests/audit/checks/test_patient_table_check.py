from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import patient_table

LayOut = Callable[..., Any]


def test_dates_in_two_formats(lay_out: LayOut) -> None:
    days = [dt.date(1950, 1, 20), dt.date(1951, 2, 3), dt.date(1952, 4, 4), dt.date(1953, 5, 30), dt.date(1954, 6, 7)]
    forms = ["dd-mm-YYYY", "dd-mm-YYYY", "dd-mm-YYYY", "m/d/YYYY", "m/d/YYYY"]
    patients = pl.DataFrame({"patient": list("abcde"), "born": days, "born_format": forms})
    (found,) = patient_table.several_date_formats(lay_out([{"id": "x"}], patients=patients).evidence())
    assert (found.code, found.severity, found.count) == ("several_date_formats", "warning", 2)
    # Of the two with slashes the 7th of June could be the 6th of July; the 30th of May could not.
    assert found.sentence == (
        "Dates in the column 'born' are written in 2 ways: 3 as dd-mm-YYYY, 2 as m/d/YYYY. Read as dd-mm-YYYY, 1 of "
        "these 2 would be wrong and no error would say so."
    )
    assert found.table["patient"].to_list() == ["d", "e"]


def test_a_format_that_goes_with_the_class(lay_out: LayOut) -> None:
    patients = pl.DataFrame(
        {
            "patient": [f"p{n}" for n in range(40)],
            "label": ["all"] * 20 + ["hem"] * 20,
            "born": [dt.date(1950, 1, 1)] * 40,
            "born_format": ["a"] * 10 + ["b"] * 30,
        }
    )
    (found,) = patient_table.several_date_formats(lay_out([{"id": "x"}], patients=patients).evidence())
    assert found.sentence.endswith("It goes with the class: otherwise than b are written all 50%, hem 0%.")


def test_words_written_in_two_ways(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": list("abc"), "sex": ["F", "F", "F"], "sex_as_written": ["F", "f", "F"]})
    (found,) = patient_table.written_differently(lay_out([{"id": "x"}], patients=patients).evidence())
    assert (found.severity, found.count) == ("note", 1)
    assert found.sentence == "The column 'sex' is written in more than one way (b: f); read as one."
    assert patient_table.written_differently(lay_out([{"id": "x"}], patients=patients.tail(1)).evidence()) == []


def test_values_that_contradict_what_is_stated(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": ["P116", "P62", "P1"], "lymphocyte_count": [3.94, 2.28, 4.01]})
    (found,) = patient_table.beyond_stated_limits(lay_out([{"id": "x"}], patients=patients, reader="lyon").evidence())
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence == (
        "2 patients with a lymphocyte count not above the stated limit of 4 × 10⁹/l (P116: 3.94, P62: 2.28): by the "  # noqa: RUF001
        "published criteria they should not be here."
    )
    assert patient_table.beyond_stated_limits(lay_out([{"id": "x"}], patients=patients).evidence()) == []


def test_more_patients_than_the_reports_count(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": [f"P{n}" for n in range(205)]})
    (found,) = patient_table.more_patients_than_stated(
        lay_out([{"id": "x"}], patients=patients, reader="lyon").evidence()
    )
    assert (found.severity, found.count) == ("note", 1)
    assert found.sentence.startswith("There are 205 patients, but the challenge's reports count 204")
    fewer = lay_out([{"id": "x"}], patients=patients.head(90), reader="lyon").evidence()
    assert patient_table.more_patients_than_stated(fewer) == []
