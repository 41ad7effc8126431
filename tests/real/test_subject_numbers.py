"""The page "Subject numbers are not persons" against the pictures at hand."""

from __future__ import annotations

import math
import re
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers import read_cohort
from leukoscope.runs.looking import look

ROW = re.compile(r"^\| `(UID_\w+)` \| `(UID_\w+)` \| ([\d.]+) \|", re.MULTILINE)
TOLERANCE = 0.002  # other builds of the libraries interpolate a little otherwise


def test_the_page_lists_every_cell_that_stands_under_two_subjects(real_data: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "subject-numbers-are-not-persons.md"
    told = {(one, other): float(value) for one, other, value in ROW.findall(page.read_text(encoding="utf-8"))}
    cohort = read_cohort(real_data / "cnmc", "cnmc")
    twins = look(cohort).twins
    assert twins is not None
    patient = dict(cohort.cells.select("id", "patient").iter_rows())
    pairs = twins.pairs.select("id_a", "id_b", "correlation").rows()
    found = {(one, other): value for one, other, value in pairs if patient[one] != patient[other]}
    assert told.keys() == found.keys()
    assert all(math.isclose(told[pair], found[pair], abs_tol=TOLERANCE) for pair in told)
    assert (twins.pairs.height, len(found)) == (93, 24)
    upright = (twins.pairs["degrees"] < 1) | (twins.pairs["degrees"] > 359)
    assert upright.all()
    assert not twins.pairs["flipped"].any()
    label = dict(cohort.cells.select("id", "label").filter(pl.col("label").is_not_null()).iter_rows())
    assert all(label[one] == label[other] for one, other, _ in pairs)
